// A model that a program publishes, asked by another actor system.
#include "troupe/http/embedded.hpp"
#include "troupe/tests/integration/library.hpp"

#include <caf/io/all.hpp>

#include <deque>
#include <memory>
#include <optional>

namespace troupe {

namespace {

/// An actor system that knows others.
class connected_system {
public:
  connected_system() {
    prepare(config_);
    prepare_cluster(config_, {}, std::chrono::milliseconds{200});
    system_ = std::make_unique<caf::actor_system>(config_);
  }

  [[nodiscard]] caf::actor_system& get() noexcept {
    return *system_;
  }

private:
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
};

struct counting {
  void predict(int n, stream<int>& out) {
    for (int i = 0; i < n && out.write(i); ++i) {
    }
  }
};

/// A model in one system, and a handle of it in another.
class published_model : public ::testing::Test {
protected:
  published_model() : server_(host_.get(), test_options(), no_log()) {
    server_.add<square>(named("square"));
    server_.add<counting>(named("count", "/count"));
    server_.start();
    server_.wait_ready();
  }

  ~published_model() override {
    for (const auto& x : published_)
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  }

  model_actor remote(const std::string& name) {
    published_.push_back(server_access::spawn_model(server_, name));
    auto port =
      host_.get().middleman().publish(published_.back(), 0, "127.0.0.1");
    if (!port)
      throw std::runtime_error(caf::to_string(port.error()));
    auto result =
      guest_.get().middleman().remote_actor<model_actor>("127.0.0.1", *port);
    if (!result)
      throw std::runtime_error(caf::to_string(result.error()));
    return *result;
  }

  static model_request json_request(std::string text) {
    model_request result;
    result.body = {body_kind::json, {}, std::move(text)};
    return result;
  }

  connected_system host_;
  connected_system guest_;
  server server_;
  std::vector<model_actor> published_;
};

model_answer ask_model(caf::scoped_actor& self, const model_actor& model,
                       model_request what) {
  std::optional<model_answer> result;
  self
    ->request(model, std::chrono::seconds{20}, atom::predict_v, std::move(what))
    .receive([&](model_answer& x) { result = std::move(x); },
             [&](const caf::error& e) {
               throw std::runtime_error(caf::to_string(e));
             });
  return *result;
}

} // namespace

TEST_F(published_model, answers_a_request_with_the_whole_answer) {
  auto model = remote("square");
  caf::scoped_actor self{guest_.get()};
  auto answer = ask_model(self, model, json_request("3"));
  EXPECT_FALSE(answer.failed());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.data, "9.0");
  auto as_http = model_request{};
  as_http.headers = {{"Content-Type", "application/json"}};
  as_http.body = {body_kind::bytes, "application/json", "4"};
  EXPECT_EQ(ask_model(self, model, as_http).body.data, "16.0");
}

TEST_F(published_model, says_what_is_wrong_with_a_request) {
  auto model = remote("square");
  caf::scoped_actor self{guest_.get()};
  auto wrong = ask_model(self, model, json_request("\"three\""));
  EXPECT_EQ(wrong.status, 422);
  EXPECT_EQ(wrong.error, "unprocessable");
  auto method = json_request("3");
  method.method = "SING";
  EXPECT_EQ(ask_model(self, model, method).status, 400);
}

TEST_F(published_model, collects_a_stream_for_a_request) {
  auto model = remote("count");
  caf::scoped_actor self{guest_.get()};
  EXPECT_EQ(ask_model(self, model, json_request("4")).body.data, "[0,1,2,3]");
}

TEST_F(published_model, sends_the_items_of_a_call_within_its_credit) {
  auto model = remote("count");
  caf::scoped_actor self{guest_.get()};
  std::vector<std::string> items;
  std::optional<model_answer> end;
  const call_id id{7};
  // CAF 0.17 takes a reference to no arguments, hence one.
  auto caller = guest_.get().spawn(
    [&](model_caller::pointer me, int) -> model_caller::behavior_type {
      caf::anon_send(model, atom::open_v, id, json_request("40"),
                     static_cast<model_caller>(me));
      return {
        [&, me](atom::item, call_id, const message_body& x) {
          items.push_back(x.data);
          if (items.size() % initial_credit == 0)
            caf::anon_send(model, atom::credit_v, id, initial_credit,
                           static_cast<model_caller>(me));
        },
        [&, me](atom::deliver, call_id, const model_answer& x) {
          end = x;
          me->quit();
        },
      };
    },
    0);
  self->monitor(caller);
  self->receive([](const caf::down_msg&) {});
  ASSERT_EQ(items.size(), 40U);
  EXPECT_EQ(items.back(), "39");
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->failed());
}

TEST_F(published_model, ends_the_call_of_a_caller_that_is_gone) {
  auto model = remote("count");
  auto caller = guest_.get().spawn(
    [&](model_caller::pointer me, int) -> model_caller::behavior_type {
      caf::anon_send(model, atom::open_v, call_id{1}, json_request("1000000"),
                     static_cast<model_caller>(me));
      return {
        [me](atom::item, call_id, const message_body&) { me->quit(); },
        [](atom::deliver, call_id, const model_answer&) {},
      };
    },
    0);
  caf::scoped_actor self{guest_.get()};
  self->monitor(caller);
  self->receive([](const caf::down_msg&) {});
  // Its only worker is free again.
  EXPECT_EQ(ask_model(self, model, json_request("1")).body.data, "[0]");
}

} // namespace troupe
