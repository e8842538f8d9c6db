#include "troupe/tests/actors/pool_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class pool_wake_test : public pool_fixture {
protected:
  answer_ptr<atom::ready> wake() {
    auto result = post<atom::ready>(tested, atom::wake_v);
    run();
    return result;
  }

  void retire(std::uint32_t index) {
    post<atom::drained>(tested, atom::retire_v, worker_index{index});
    run();
  }

  recording_ptr submit_within(std::chrono::milliseconds timeout) {
    auto result = ask();
    result->time.begin(now(), {.timeout = timeout});
    submit(result);
    return result;
  }

  /// Lets it be seen that a call takes 10 ms.
  void measure() {
    for (int i = 0; i < 10; ++i)
      submit("");
    for (int i = 0; i < 10; ++i) {
      advance(10ms);
      finish(0);
    }
  }
};

} // namespace

TEST_F(pool_wake_test, says_once_that_something_waits) {
  start(0);
  auto told = wake();
  EXPECT_FALSE(told->value);
  submit("a");
  EXPECT_TRUE(told->value);
  submit("b");
  EXPECT_EQ(status().queued, 2u);
}

TEST_F(pool_wake_test, says_it_at_once_when_something_waits_already) {
  start(0);
  submit("a");
  EXPECT_TRUE(wake()->value);
}

TEST_F(pool_wake_test, says_nothing_of_what_a_worker_takes) {
  start(1);
  auto told = wake();
  submit("a");
  EXPECT_FALSE(told->value);
  submit("b");
  EXPECT_TRUE(told->value);
}

TEST_F(pool_wake_test, counts_what_came) {
  start(1);
  EXPECT_EQ(status().taken, 0u);
  submit("a");
  submit("b");
  finish(0);
  finish(0);
  EXPECT_EQ(status().taken, 2u);
}

TEST_F(pool_wake_test, takes_what_comes_while_it_has_no_workers) {
  start(1);
  measure();
  retire(0);
  std::vector<recording_ptr> all;
  for (int i = 0; i < 50; ++i)
    all.push_back(submit_within(100ms));
  for (const auto& ex : all)
    EXPECT_EQ(outcome_of(*ex), "open")
      << "how fast it will be is not known without a worker";
}

TEST_F(pool_wake_test, takes_no_load_for_a_slow_worker) {
  start(1);
  measure();
  retire(0);
  for (int i = 0; i < 8; ++i)
    submit("");
  // That is how long the load takes.
  advance(60s);
  join(0);
  for (int i = 0; i < 3; ++i) {
    advance(10ms);
    finish(0);
  }
  EXPECT_EQ(outcome_of(*submit_within(500ms)), "open");
}
