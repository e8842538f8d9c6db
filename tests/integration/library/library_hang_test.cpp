#include "troupe/http/embedded.hpp"
#include "troupe/tests/integration/library.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <future>
#include <thread>

namespace troupe {

namespace {

/// Does not return from `predict` until the test lets it.
struct hung {
  explicit hung(std::shared_ptr<gate> g) : entry(std::move(g)) {
    // nop
  }

  int predict(int x) {
    entry->pass();
    return x;
  }

  std::shared_ptr<gate> entry;
};

server_options impatient() {
  auto result = test_options();
  result.shutdown.drain_timeout = std::chrono::milliseconds{10};
  return result;
}

/// Lets a worker hang and stops the server.
void leave_a_worker_behind(server& s, const std::shared_ptr<gate>& entry) {
  s.add<hung>(named("hung"), entry);
  s.start();
  ASSERT_TRUE(s.wait_ready());
  http_client client{s.port()};
  client.send(request_text("POST", "/predict", "7"));
  ASSERT_TRUE(entry->reached(1));
  EXPECT_EQ(s.stop().abandoned_workers, 1U);
  EXPECT_EQ(client.read().status, 503);
}

} // namespace

TEST(abandoned_worker, does_not_hold_the_end_of_the_hosts_system) {
  auto entry = std::make_shared<gate>();
  {
    caf::actor_system_config config;
    prepare(config);
    caf::actor_system system{config};
    server s{system, impatient(), no_log()};
    leave_a_worker_behind(s, entry);
  }
  // What it returns to is gone.
  entry->open();
}

TEST(abandoned_worker, does_not_hold_the_end_of_a_server) {
  auto entry = std::make_shared<gate>();
  {
    quiet_server s{impatient()};
    leave_a_worker_behind(s, entry);
  }
  entry->open();
}

TEST(stop, in_a_handler_is_refused_at_once) {
  quiet_server s;
  std::string said;
  auto stops = [&](const request&, context&) {
    try {
      s.stop();
    } catch (const std::logic_error& e) {
      said = e.what();
    }
    return json_reply("alive");
  };
  s.post("/stop", stops);
  ASSERT_TRUE(s.starts());
  EXPECT_EQ(s.post_to("/stop", "{}").status, 200);
  EXPECT_NE(said.find("request_stop"), std::string::npos) << said;
  EXPECT_EQ(s.fetch("/livez").status, 200);
  s.stop();
}

TEST(stop, in_a_model_is_refused_whatever_runs_it) {
  struct stopper {
    explicit stopper(server* s) : target(s) {
      // nop
    }

    bool predict(int) {
      try {
        target->stop();
      } catch (const std::logic_error&) {
        return true;
      }
      return false;
    }

    server* target;
  };
  for (auto how : {execution_mode::dedicated, execution_mode::inlined}) {
    quiet_server s;
    auto options = named("stopper");
    options.execution = how;
    server* self = &s;
    s.add<stopper>(options, self);
    ASSERT_TRUE(s.starts());
    EXPECT_EQ(s.post_to("/predict", "1").body, "true");
  }
}

TEST(stop, of_another_server_may_be_called_in_a_handler) {
  quiet_server other;
  other.add<square>(named("sq"));
  ASSERT_TRUE(other.starts());
  quiet_server s;
  s.post("/stop", [&](const request&, context&) {
    other.stop();
    return json_reply("done");
  });
  ASSERT_TRUE(s.starts());
  EXPECT_EQ(s.post_to("/stop", "{}").body, "\"done\"");
}

TEST(failure, of_an_actor_ends_run_with_1_and_a_reason) {
  quiet_server s;
  std::promise<std::string> reason;
  std::atomic<bool> told{false};
  s.on_failure([&](const std::string& text) {
    if (!told.exchange(true))
      reason.set_value(text);
  });
  s.add<square>(named("sq"));
  std::promise<int> code;
  std::thread program{[&] { code.set_value(s.run()); }};
  ASSERT_TRUE(eventually(
    [&] { return s.port() != 0 && s.fetch("/readyz").status == 200; }));
  caf::anon_send_exit(server_access::router(s), caf::exit_reason::kill);
  EXPECT_EQ(code.get_future().get(), 1);
  program.join();
  EXPECT_NE(reason.get_future().get().find("the router ended"),
            std::string::npos);
}

} // namespace troupe
