#include "troupe/actors/spec/running_calls.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

using troupe::running_calls;

namespace {

class running_calls_test : public testing::Test {
protected:
  /// Lets a call be stopped, which answers `open`.
  running_calls::place enter(const std::string& name, bool open = true) {
    return tested->enter(name, [this, name, open] {
      stopped.push_back(name);
      return open;
    });
  }

  std::shared_ptr<running_calls> tested = std::make_shared<running_calls>();
  std::vector<std::string> stopped;
};

} // namespace

TEST_F(running_calls_test, stops_the_call_of_that_name_alone) {
  auto a = enter("a");
  auto b = enter("b");
  EXPECT_EQ(tested->stop("b"), 1U);
  EXPECT_EQ(stopped, std::vector<std::string>{"b"});
  EXPECT_EQ(tested->stop("c"), 0U);
  EXPECT_EQ(tested->stop(""), 0U);
}

TEST_F(running_calls_test, stops_all_that_share_a_name) {
  auto first = enter("a");
  auto second = enter("a");
  EXPECT_EQ(tested->stop("a"), 2U);
}

TEST_F(running_calls_test, counts_only_what_was_open) {
  auto over = enter("a", false);
  EXPECT_EQ(tested->stop("a"), 0U);
  EXPECT_EQ(stopped.size(), 1U);
}

TEST_F(running_calls_test, forgets_what_left_its_place_and_nothing_else) {
  std::optional<running_calls::place> first{enter("a")};
  std::optional<running_calls::place> second{enter("a")};
  std::vector<running_calls::place> moved;
  moved.push_back(std::move(*first));
  first.reset();
  EXPECT_EQ(tested->size(), 2U);
  second.reset();
  EXPECT_EQ(tested->size(), 1U);
  EXPECT_EQ(tested->stop("a"), 1U);
  moved.clear();
  EXPECT_EQ(tested->size(), 0U);
}

TEST_F(running_calls_test, a_place_may_be_left_while_its_call_is_stopped) {
  std::optional<running_calls::place> left;
  left.emplace(tested->enter("a", [&] {
    left.reset();
    return true;
  }));
  EXPECT_EQ(tested->stop("a"), 1U);
  EXPECT_EQ(tested->size(), 0U);
}

TEST_F(running_calls_test, places_may_outlive_it) {
  auto a = enter("a");
  tested.reset();
}
