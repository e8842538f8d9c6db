#include "troupe/models/llama_text.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

std::string matched(stop_matcher& x, const std::vector<std::string>& pieces) {
  std::string result;
  for (const auto& piece : pieces)
    result += x.push(piece) + '|';
  return result + x.finish();
}

} // namespace

TEST(stop_matcher, returns_all_without_stop_strings) {
  stop_matcher x;
  EXPECT_EQ(matched(x, {"a", "bc"}), "a|bc|");
  EXPECT_FALSE(x.stopped());
}

TEST(stop_matcher, finds_a_string_across_pieces) {
  stop_matcher x{{"END"}};
  EXPECT_EQ(matched(x, {"aE", "N", "D rest", "more"}), "a||||");
  EXPECT_TRUE(x.stopped());
}

TEST(stop_matcher, gives_back_what_was_no_beginning_after_all) {
  stop_matcher x{{"END"}};
  EXPECT_EQ(matched(x, {"aE", "N", "x", "EN"}), "a||ENx||EN");
  EXPECT_FALSE(x.stopped());
}

TEST(stop_matcher, takes_the_earliest_of_several) {
  stop_matcher x{{"cd", "b"}};
  EXPECT_EQ(matched(x, {"abcd"}), "a|");
}

TEST(stop_matcher, finds_a_string_that_repeats_its_beginning) {
  stop_matcher x{{"aab"}};
  EXPECT_EQ(matched(x, {"a", "a", "a", "b"}), "||a||");
  EXPECT_TRUE(x.stopped());
}

} // namespace troupe
