#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/http/builtins/builtins.hpp"
#include "troupe/http/caf_options.hpp"
#include "troupe/http/server/front_threads.hpp"
#include "troupe/http/start_error.hpp"
#include "troupe/tests/support/http_client.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

/// A runtime with nothing but built-ins, and I/O threads in front of it.
class front_threads_test : public ::testing::Test {
public:
  front_threads_test() {
    prepare(config);
    system = std::make_unique<caf::actor_system>(config);
    shared = std::make_shared<front_shared>();
    shared->options.port = 0;
    shared->options.io_threads = 2;
    shared->log = no_log();
    runtime_options options;
    options.log = no_log();
    rt.emplace(*system, std::move(options));
    for (auto& e : builtin_entries(shared->options))
      rt->add_builtin(std::move(e));
    shared->board = rt->board();
  }

  ~front_threads_test() override {
    tested.reset();
    rt->stop(soon);
    rt.reset();
  }

  void open() {
    tested.emplace(*system, shared);
    rt->io_units(tested->homes());
    rt->check();
    rt->start();
    tested->open(*rt);
  }

  [[nodiscard]] http_response ask(http_client& c) const {
    return c.ask("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
  }

  static constexpr std::chrono::milliseconds soon{10'000};
  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::shared_ptr<front_shared> shared;
  std::optional<runtime> rt;
  std::optional<front_threads> tested;
};

TEST_F(front_threads_test, have_a_port_and_homes_before_they_are_open) {
  tested.emplace(*system, shared);
  EXPECT_NE(tested->port(), 0);
  EXPECT_EQ(tested->homes().size(), 2U);
  rt->check();
  rt->start();
}

TEST_F(front_threads_test, refuse_a_port_that_is_taken) {
  open();
  auto other = std::make_shared<front_shared>(*shared);
  other->options.port = tested->port();
  EXPECT_THROW(front_threads(*system, other), start_error);
}

TEST_F(front_threads_test, serve_on_every_thread) {
  open();
  http_client first{tested->port()};
  http_client second{tested->port()};
  EXPECT_EQ(ask(first).status, 200);
  EXPECT_EQ(ask(second).status, 200);
}

TEST_F(front_threads_test, say_that_they_will_close) {
  open();
  http_client c{tested->port()};
  EXPECT_FALSE(ask(c).closes());
  tested->begin_draining();
  EXPECT_TRUE(ask(c).closes());
}

TEST_F(front_threads_test, are_quiet_when_nothing_is_in_work) {
  open();
  http_client idle{tested->port()};
  EXPECT_EQ(ask(idle).status, 200);
  EXPECT_TRUE(tested->quiesce(soon));
  EXPECT_TRUE(idle.closed());
  EXPECT_FALSE(http_client{tested->port()}.connected());
}

TEST_F(front_threads_test, stop_once) {
  open();
  http_client c{tested->port()};
  EXPECT_EQ(ask(c).status, 200);
  EXPECT_EQ(tested->stop(), 0U) << "none was left behind";
  EXPECT_TRUE(c.closed());
  EXPECT_EQ(tested->stop(), 0U);
}

} // namespace

} // namespace troupe
