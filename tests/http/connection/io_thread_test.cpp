#include "troupe/actors/runtime_scope.hpp"
#include "troupe/http/connection/io_thread.hpp"
#include "troupe/tests/http/front_fixture.hpp"

#include <atomic>
#include <semaphore>
#include <thread>

namespace troupe {

namespace {

using namespace std::chrono_literals;

/// A user's code that does not return until the test lets it. Shared with
/// threads that never end.
struct user_code {
  std::binary_semaphore entered{0};
  std::binary_semaphore leave{0};
  std::atomic<bool> returns{false};
  std::atomic<bool> back{false};

  static void run(const std::shared_ptr<user_code>& x) {
    // What called may be gone.
    auto keep = x;
    {
      runtime_scope inside{nullptr};
      keep->entered.release();
      keep->leave.acquire();
      keep->returns = true;
    }
    keep->back = true;
  }

  void let_go() {
    leave.release();
    while (!returns)
      std::this_thread::yield();
    for (int i = 0; i < 1'000; ++i)
      std::this_thread::yield();
  }
};

class io_thread_test : public front_fixture {
protected:
  /// A request does not come back from a user's code.
  void start_stuck() {
    app.on_exchange = [this](const exchange_ptr&) { user_code::run(code); };
    start();
    first_client = connect();
    first_client->send(post("/app", "1"));
    code->entered.acquire();
  }

  std::shared_ptr<user_code> code = std::make_shared<user_code>();
  std::unique_ptr<http_client> first_client;
};

TEST_F(io_thread_test, is_replaced_when_it_does_not_come_back) {
  start_stuck();
  auto other = connect();
  other->send(get("/livez"));
  EXPECT_TRUE(io->replace_if_stuck(20ms));
  EXPECT_EQ(other->read().body, "ok") << "by its successor";
  EXPECT_EQ(connect()->ask(get("/livez")).body, "ok");
  EXPECT_NE(logged().find("I/O thread 0 does not come back"),
            std::string::npos);
  code->let_go();
  EXPECT_FALSE(code->back);
  EXPECT_EQ(connect()->ask(get("/livez")).body, "ok");
}

TEST_F(io_thread_test, has_timers_after_it_was_replaced) {
  start_stuck();
  auto other = connect();
  EXPECT_TRUE(io->replace_if_stuck(20ms));
  // Its actor is lost with the thread.
  EXPECT_EQ(other->ask(post("/brief", "1")).status, 504);
  code->let_go();
}

TEST_F(io_thread_test, is_not_replaced_while_it_answers) {
  echo();
  start();
  EXPECT_FALSE(io->replace_if_stuck(10s));
  EXPECT_EQ(connect()->ask(post("/app", "1")).body, "1");
}

TEST_F(io_thread_test, is_not_replaced_while_it_is_in_our_own_code) {
  start();
  std::binary_semaphore entered{0};
  std::binary_semaphore leave{0};
  boost::asio::post(io->context(), [&] {
    entered.release();
    leave.acquire();
  });
  entered.acquire();
  EXPECT_FALSE(io->replace_if_stuck(1ms));
  leave.release();
  on_thread([] {});
}

TEST_F(io_thread_test, ends_without_a_thread_that_does_not_come_back) {
  start_stuck();
  EXPECT_FALSE(io->stop());
  io = nullptr;
  code->let_go();
  EXPECT_FALSE(code->back);
}

} // namespace

} // namespace troupe
