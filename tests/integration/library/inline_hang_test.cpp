// A stop does not wait for what never returns to an I/O thread, and what does
// return later touches nothing.
#include "troupe/http/embedded.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/tests/integration/library.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <memory>
#include <thread>

namespace troupe {

namespace {

using namespace std::chrono_literals;

/// Does not return from `predict` until the test lets it.
struct hung_inline {
  explicit hung_inline(std::shared_ptr<gate> g) : entry(std::move(g)) {
    // nop
  }

  int predict(int x) {
    // What it stands in may be gone when it comes back.
    auto keep = entry;
    keep->pass();
    return x;
  }

  std::shared_ptr<gate> entry;
};

/// Returns when nobody wants its answer any more.
struct asking {
  int predict(int x, context& ctx) {
    entry->pass();
    while (!ctx.cancelled())
      std::this_thread::yield();
    return x;
  }

  std::shared_ptr<gate> entry;
};

struct hung_middleware : middleware {
  explicit hung_middleware(std::shared_ptr<gate> g) : entry(std::move(g)) {
    // nop
  }

  std::optional<reply> before(request& req) override {
    auto keep = entry;
    if (req.path == "/predict")
      keep->pass();
    return std::nullopt;
  }

  std::shared_ptr<gate> entry;
};

server_options hasty() {
  auto result = test_options();
  result.shutdown.drain_timeout = 10ms;
  return result;
}

model_options inlined(std::string name) {
  auto result = named(std::move(name));
  result.execution = execution_mode::inlined;
  return result;
}

/// Lets the one I/O thread hang, and stops the server.
void leave_the_thread_behind(server& s, gate& entry) {
  s.start();
  ASSERT_TRUE(s.wait_ready());
  http_client client{s.port()};
  client.send(request_text("POST", "/predict", "7"));
  ASSERT_TRUE(entry.reached(1));
  http_client behind{s.port()};
  behind.send(request_text("GET", "/livez"));
  auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(s.stop().abandoned_workers, 1U);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 15s);
  EXPECT_EQ(behind.read().status, 200) << "it waited behind the model";
  // Nobody has the port any more.
  EXPECT_FALSE(http_client{s.port()}.connected());
}

} // namespace

TEST(inline_hang, does_not_hold_the_end_of_a_server) {
  auto entry = std::make_shared<gate>();
  {
    quiet_server s{hasty()};
    s.add<hung_inline>(inlined("hung"), entry);
    leave_the_thread_behind(s, *entry);
  }
  entry->open();
}

TEST(inline_hang, does_not_hold_the_end_of_the_hosts_system) {
  auto entry = std::make_shared<gate>();
  {
    caf::actor_system_config config;
    prepare(config);
    caf::actor_system system{config};
    server s{system, hasty(), no_log()};
    s.add<hung_inline>(inlined("hung"), entry);
    leave_the_thread_behind(s, *entry);
  }
  entry->open();
}

TEST(inline_hang, is_none_for_a_model_that_asks_whether_it_is_cancelled) {
  auto entry = std::make_shared<gate>();
  entry->open();
  quiet_server s{hasty()};
  s.add<asking>(inlined("asking"), asking{entry});
  ASSERT_TRUE(s.starts());
  http_client client{s.port()};
  client.send(request_text("POST", "/predict", "7"));
  ASSERT_TRUE(entry->reached(1));
  EXPECT_EQ(s.stop().abandoned_workers, 0U);
  EXPECT_EQ(client.read().status, 503);
}

TEST(inline_hang, of_one_thread_of_several_ends_with_the_others) {
  auto entry = std::make_shared<gate>();
  {
    auto options = hasty();
    options.io_threads = 2;
    quiet_server s{options};
    s.add<hung_inline>(inlined("hung"), entry);
    leave_the_thread_behind(s, *entry);
  }
  entry->open();
}

TEST(inline_hang, of_a_middleware_does_not_hold_the_end_of_a_server) {
  auto entry = std::make_shared<gate>();
  {
    quiet_server s{hasty()};
    s.add<square>(named("sq"));
    s.add_middleware(std::make_shared<hung_middleware>(entry));
    leave_the_thread_behind(s, *entry);
  }
  entry->open();
}

TEST(inline_hang, of_a_handler_does_not_hold_the_end_of_a_server) {
  auto entry = std::make_shared<gate>();
  {
    quiet_server s{hasty()};
    auto routes = std::make_shared<spec>("routes");
    routes->execution = handler_execution::inlined;
    routes->post("/predict", [entry](const request&, context&) -> outcome {
      auto keep = entry;
      keep->pass();
      return json_reply("late");
    });
    s.add(routes);
    leave_the_thread_behind(s, *entry);
  }
  entry->open();
}

TEST(inline_hang, of_a_server_without_http_does_not_hold_its_end) {
  auto entry = std::make_shared<gate>();
  {
    auto options = hasty();
    options.listen = false;
    quiet_server s{options};
    s.add<hung_inline>(inlined("hung"), entry);
    ASSERT_TRUE(s.starts());
    caf::anon_send(server_access::router(s), atom::predict_v,
                   std::string{"hung"},
                   std::make_shared<const nlohmann::json>(7));
    ASSERT_TRUE(entry->reached(1));
    EXPECT_EQ(s.stop().abandoned_workers, 1U);
  }
  entry->open();
}

} // namespace troupe
