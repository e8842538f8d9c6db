#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/specs/model/loops/model_adapter.hpp"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <thread>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

struct square {
  double predict(double x) {
    return x * x;
  }
};

struct negate {
  std::vector<double> predict(std::span<const double> xs) {
    std::vector<double> result;
    for (auto x : xs)
      result.push_back(-x);
    return result;
  }
};

struct counting {
  void predict(int n, stream<int>& out) {
    for (int i = 0; i < n; ++i)
      out.write(i);
  }
};

struct stepping {
  int admit(int n) {
    return n;
  }

  void step(std::span<sequence<int, int>> live) {
    for (auto& x : live)
      x.finish(x.state());
  }
};

struct broken {
  void setup() {
    throw std::runtime_error("no file");
  }

  int predict(int x) {
    return x;
  }
};

std::shared_ptr<spec> make_spec(std::string name, std::string path) {
  auto result = std::make_shared<spec>(std::move(name));
  result->post(std::move(path), [](const request&, context&) {
    return call_model("square", 3);
  });
  return result;
}

class runtime_test : public testing::Test {
protected:
  struct config : caf::actor_system_config {
    config() {
      prepare(*this);
    }
  };

  static model_options options(std::string name, std::string path) {
    model_options result;
    result.name = std::move(name);
    result.predict = std::move(path);
    result.origin = "main.cpp";
    return result;
  }

  void add_two_models() {
    tested.add(make_model<square>(options("square", "/square")));
    auto inlined = options("negate", "/negate");
    inlined.execution = execution_mode::inlined;
    inlined.batch.max_size = 8;
    tested.add(make_model<negate>(inlined));
  }

  void start() {
    tested.start();
    ASSERT_TRUE(tested.board()->wait_ready(30s)) << tested.board()->explain();
  }

  /// Asks a model by actor message.
  std::string predict(std::string model, nlohmann::json x) {
    std::string result;
    caf::scoped_actor self{sys, true};
    self
      ->request(tested.router(), 30s, atom::predict_v, std::move(model),
                json_ptr{std::make_shared<const nlohmann::json>(std::move(x))})
      .receive(
        [&](const predict_reply& r) {
          result = std::to_string(r.status) + ' ' + r.document->dump();
        },
        [&](const caf::error& e) { result = text_of(e); });
    return result;
  }

  /// The owner of POST on the path in the table that serves, or "".
  std::string owner_of(std::string_view path) {
    auto snapshot = tested.snapshot();
    auto found = snapshot->table.find(method::post, path);
    return found.entry != nullptr ? snapshot->target(*found.entry).owner : "";
  }

  config config_;
  caf::actor_system sys{config_};
  runtime tested{sys, {}};
};

} // namespace

TEST_F(runtime_test, serves_its_models) {
  add_two_models();
  start();
  EXPECT_EQ(predict("square", 3), "200 9.0");
  EXPECT_EQ(predict("negate", 3), "200 -3.0");
  EXPECT_TRUE(predict("square", "x").starts_with("422 "));
  EXPECT_TRUE(predict("other", 3).starts_with("404 "));
}

TEST_F(runtime_test, streams_to_an_actor_message) {
  tested.add(make_model<counting>(options("count", "/count")));
  start();
  EXPECT_EQ(predict("count", 3), "200 [0,1,2]");
}

TEST_F(runtime_test, merges_everything_into_one_table) {
  add_two_models();
  tested.add(make_spec("s", "/spec"), "main.cpp:9");
  table_entry health;
  health.endpoint.methods = {method::get};
  health.endpoint.pattern = "/health";
  tested.add_builtin(health);
  start();
  EXPECT_EQ(owner_of("/square"), "square");
  EXPECT_EQ(owner_of("/negate"), "negate");
  EXPECT_EQ(owner_of("/spec"), "s");
  auto found = tested.snapshot()->table.find(method::get, "/health");
  ASSERT_NE(found.entry, nullptr);
  EXPECT_EQ(found.entry->kind, endpoint_kind::builtin);
  EXPECT_EQ(tested.build_table().entries().size(),
            tested.snapshot()->table.entries().size());
}

TEST_F(runtime_test, a_model_without_an_endpoint_is_still_asked_by_name) {
  auto o = options("square", "");
  o.predict.reset();
  tested.add(make_model<square>(o));
  start();
  EXPECT_TRUE(tested.snapshot()->table.entries().empty());
  EXPECT_EQ(predict("square", 3), "200 9.0");
}

TEST_F(runtime_test, a_prefix_moves_a_spec) {
  auto s = make_spec("s", "/spec");
  s->prefix = "/v2";
  tested.add(s, "main.cpp:9");
  start();
  EXPECT_EQ(owner_of("/v2/spec"), "s");
  EXPECT_EQ(owner_of("/spec"), "");
}

TEST_F(runtime_test, a_conflict_is_found_before_anything_runs) {
  add_two_models();
  tested.add(make_spec("s", "/square"), "main.cpp:9");
  EXPECT_THROW(static_cast<void>(tested.build_table()), conflict_error);
  EXPECT_THROW(tested.start(), conflict_error);
  EXPECT_EQ(sys.registry().running(), 0u);
  EXPECT_EQ(tested.snapshot(), nullptr);
  EXPECT_EQ(tested.stop(1s), 0u);
}

TEST_F(runtime_test, refuses_what_is_declared_wrongly) {
  add_two_models();
  EXPECT_THROW(add_two_models(), std::invalid_argument);
  EXPECT_THROW(tested.add(make_model<square>({})), std::invalid_argument);
  auto batch = options("batch", "/b");
  batch.batch.max_size = 2;
  EXPECT_THROW(tested.add(make_model<square>(batch)), std::invalid_argument);
  auto inlined = options("inline", "/i");
  inlined.execution = execution_mode::inlined;
  EXPECT_THROW(tested.add(make_model<counting>(inlined)),
               std::invalid_argument);
  try {
    tested.add(make_model<stepping>(inlined));
    ADD_FAILURE() << "an inline model with step";
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(),
                 "model \"inline\": a model with admit and step takes its "
                 "thread for itself while requests are live and cannot run "
                 "inline; use execution \"dedicated\"");
  }
  tested.add(make_spec("s", "/s"), "");
  EXPECT_THROW(tested.add(make_spec("s", "/t"), ""), std::invalid_argument);
  EXPECT_EQ(tested.models().size(), 2u);
}

TEST_F(runtime_test, a_spec_can_come_while_it_serves) {
  add_two_models();
  start();
  tested.add(make_spec("s", "/spec"), "main.cpp:9");
  EXPECT_EQ(owner_of("/spec"), "s");
  EXPECT_EQ(owner_of("/square"), "square");
  EXPECT_EQ(tested.snapshot()->version, 2u);
  EXPECT_EQ(predict("square", 3), "200 9.0");
}

TEST_F(runtime_test, a_spec_that_conflicts_leaves_the_old_table_serving) {
  add_two_models();
  start();
  auto running = sys.registry().running();
  auto old = tested.snapshot();
  EXPECT_THROW(tested.add(make_spec("s", "/square"), "main.cpp:9"),
               conflict_error);
  EXPECT_EQ(tested.snapshot(), old);
  EXPECT_EQ(sys.registry().running(), running);
  EXPECT_EQ(predict("square", 3), "200 9.0");
  // The name was not used up.
  EXPECT_NO_THROW(tested.add(make_spec("s", "/other"), "main.cpp:9"));
  EXPECT_EQ(owner_of("/other"), "s");
}

TEST_F(runtime_test, a_model_that_cannot_be_set_up_ends_the_wait) {
  add_two_models();
  tested.add(make_model<broken>(options("broken", "/broken")));
  tested.start();
  EXPECT_FALSE(tested.board()->wait_ready(30s));
  EXPECT_NE(tested.board()->explain().find("model broken is failed"),
            std::string::npos);
  EXPECT_TRUE(predict("broken", 3).starts_with("503 "));
}

TEST_F(runtime_test, drains_when_there_is_nothing_to_do) {
  EXPECT_TRUE(tested.drain(true, 1s));
  add_two_models();
  start();
  EXPECT_TRUE(tested.drain(true, 30s));
  EXPECT_EQ(predict("square", 3), "200 9.0");
  EXPECT_TRUE(tested.drain(false, 30s));
  EXPECT_TRUE(predict("square", 3).starts_with("503 "));
}

TEST_F(runtime_test, stops_once_and_leaves_nothing_behind) {
  add_two_models();
  tested.add(make_spec("s", "/spec"), "main.cpp:9");
  start();
  EXPECT_EQ(tested.stop(30s), 0u);
  EXPECT_EQ(tested.board()->phase(), server_phase::stopped);
  EXPECT_EQ(tested.snapshot(), nullptr);
  EXPECT_EQ(tested.stop(30s), 0u);
  EXPECT_TRUE(tested.drain(true, 1s));
  sys.await_all_actors_done();
  EXPECT_EQ(sys.registry().running(), 0u);
}

TEST_F(runtime_test, two_runtimes_share_a_system) {
  add_two_models();
  start();
  {
    runtime other{sys, {}};
    other.add(make_model<square>(options("square", "/square")));
    other.start();
    EXPECT_TRUE(other.board()->wait_ready(30s));
  }
  EXPECT_EQ(predict("square", 3), "200 9.0");
}

TEST_F(runtime_test, a_spec_may_be_called_like_a_model) {
  add_two_models();
  tested.add(make_spec("square", "/s"), "main.cpp:9");
  start();
  EXPECT_EQ(tested.board()->models().size(), 3u);
  EXPECT_EQ(predict("square", 3), "200 9.0");
  // The model goes first, and the spec stays.
  EXPECT_TRUE(tested.remove("square"));
  EXPECT_EQ(owner_of("/square"), "");
  EXPECT_EQ(owner_of("/s"), "square");
  EXPECT_TRUE(tested.remove("square"));
  EXPECT_EQ(owner_of("/s"), "");
}

TEST_F(runtime_test, a_model_may_come_and_go_while_serving) {
  add_two_models();
  start();
  auto before = tested.snapshot()->version;
  tested.add(make_model<square>(options("late", "/late")));
  EXPECT_EQ(tested.snapshot()->version, before + 1);
  EXPECT_NE(tested.snapshot()->find_model("late"), nullptr);
  EXPECT_THROW(tested.add(make_model<square>(options("clash", "/late"))),
               conflict_error);
  EXPECT_TRUE(tested.remove("late"));
  EXPECT_FALSE(tested.remove("late"));
  EXPECT_EQ(tested.snapshot()->find_model("late"), nullptr);
  // The name and the path are free again, though the old one may still end.
  tested.add(make_model<square>(options("late", "/late")));
  EXPECT_NE(tested.snapshot()->find_model("late"), nullptr);
}

TEST_F(runtime_test, does_not_need_the_hosts_scheduler) {
  add_two_models();
  auto delayed = options("delayed", "/delayed");
  delayed.batch = {8, 5ms};
  tested.add(make_model<negate>(delayed));
  // Before the start already, and as many as there are threads.
  std::latch blocked{2};
  std::promise<void> release;
  auto released = release.get_future().share();
  for (int i = 0; i < 2; ++i)
    sys.spawn(
      [&blocked, released](caf::event_based_actor*, int) {
        blocked.count_down();
        released.wait();
      },
      0);
  blocked.wait();
  start();
  EXPECT_EQ(predict("square", 3), "200 9.0");
  EXPECT_EQ(predict("negate", 3), "200 -3.0");
  EXPECT_EQ(predict("delayed", 3), "200 -3.0");
  tested.add(make_spec("s", "/spec"), "main.cpp:9");
  EXPECT_TRUE(tested.remove("delayed"));
  EXPECT_EQ(tested.stop(30s), 0u);
  release.set_value();
}

TEST_F(runtime_test, a_removed_model_ends) {
  add_two_models();
  start();
  tested.add(make_spec("s", "/spec"), "main.cpp:9");
  EXPECT_EQ(tested.board()->models().size(), 3u);
  EXPECT_TRUE(tested.remove("square"));
  EXPECT_TRUE(tested.remove("s"));
  auto end = std::chrono::steady_clock::now() + 30s;
  while (tested.board()->models().size() > 1
         && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  EXPECT_EQ(tested.board()->models().size(), 1u);
}
