#include "troupe/http/admin/change_runner.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>

namespace troupe {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr auto long_enough = 30s;

TEST(change_runner, runs_changes_on_a_thread_of_its_own) {
  change_runner runner;
  auto here = std::this_thread::get_id();
  auto x = runner.order(
    "x", [here]() -> json { return std::this_thread::get_id() != here; });
  ASSERT_TRUE(x->wait_for(long_enough));
  EXPECT_EQ(x->result(), json(true));
}

TEST(change_runner, hands_on_what_a_change_throws) {
  change_runner runner;
  auto x = runner.order("x", []() -> json { throw std::runtime_error("no"); });
  ASSERT_TRUE(x->wait_for(long_enough));
  EXPECT_THROW(static_cast<void>(x->result()), std::runtime_error);
}

TEST(change_runner, lets_few_wait) {
  change_runner runner;
  std::promise<void> begun;
  std::promise<void> door;
  auto first = runner.order("the first", [&]() -> json {
    begun.set_value();
    door.get_future().wait();
    return 1;
  });
  begun.get_future().wait();
  EXPECT_FALSE(first->wait_for(0ms));
  auto second = runner.order("the second", []() -> json { return 2; });
  try {
    runner.order("the third", []() -> json { return 3; });
    ADD_FAILURE() << "three at once";
  } catch (const change_refused& e) {
    EXPECT_EQ(e.why(), change_refused::reason::busy);
    EXPECT_STREQ(e.what(), "another change runs: the first; try again when it "
                           "is done");
  }
  door.set_value();
  ASSERT_TRUE(second->wait_for(long_enough));
  EXPECT_EQ(first->result(), json(1));
  EXPECT_EQ(second->result(), json(2));
}

TEST(change_runner, refuses_what_waits_at_its_end) {
  change_runner runner;
  std::promise<void> begun;
  std::promise<void> door;
  auto first = runner.order("the first", [&]() -> json {
    begun.set_value();
    door.get_future().wait();
    return 1;
  });
  begun.get_future().wait();
  auto second = runner.order("the second", []() -> json { return 2; });
  auto end = std::async(std::launch::async, [&] { runner.stop(); });
  ASSERT_TRUE(second->wait_for(long_enough));
  EXPECT_THROW(static_cast<void>(second->result()), change_refused);
  EXPECT_THROW(runner.order("the third", []() -> json { return 3; }),
               change_refused);
  door.set_value();
  end.get();
  EXPECT_EQ(first->result(), json(1));
}

TEST(change_runner, leaves_a_change_behind_that_does_not_return) {
  std::promise<void> begun;
  std::promise<void> door;
  std::shared_ptr<ordered_change> stuck;
  {
    change_runner runner;
    stuck = runner.order("x", [&]() -> json {
      begun.set_value();
      door.get_future().wait();
      return 1;
    });
    begun.get_future().wait();
    EXPECT_FALSE(runner.stop(1ms));
    EXPECT_TRUE(runner.stop(1ms)) << "nothing is left to wait for";
  }
  door.set_value();
  ASSERT_TRUE(stuck->wait_for(long_enough));
  EXPECT_EQ(stuck->result(), json(1));
}

TEST(change_runner, ends_without_having_run_anything) {
  change_runner runner;
  runner.stop();
  EXPECT_THROW(runner.order("x", []() -> json { return 1; }), change_refused);
}

} // namespace

} // namespace troupe
