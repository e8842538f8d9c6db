#include "troupe/specs/input/nearest.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

const std::vector<std::string> keys{"host", "port", "workers", "timeout_ms",
                                    "io_threads"};

} // namespace

TEST(edit_distance, counts_edits) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("worker", "workers"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("prot", "port"), 1U) << "a swap is one edit";
}

TEST(nearest_name, finds_what_was_meant) {
  EXPECT_EQ(nearest_name("worker", keys), "workers");
  EXPECT_EQ(nearest_name("prot", keys), "port");
  EXPECT_EQ(nearest_name("timeout", keys), "timeout_ms");
  EXPECT_EQ(nearest_name("io-threads", keys), "io_threads");
  EXPECT_EQ(nearest_name("PORT", keys), "port");
}

TEST(nearest_name, does_not_guess_from_far_away) {
  EXPECT_EQ(nearest_name("metrics", keys), "");
  EXPECT_EQ(nearest_name("x", keys), "");
  EXPECT_EQ(nearest_name("", keys), "");
  EXPECT_EQ(nearest_name("port", {}), "");
  EXPECT_EQ(nearest_name(std::string(100'000, 'x'), keys), "");
}

TEST(unknown_name, lists_the_known_ones_when_none_is_near) {
  EXPECT_EQ(unknown_name("key", "worker", keys),
            "unknown key \"worker\", did you mean \"workers\"?");
  EXPECT_EQ(unknown_name("type", "onnx", {"echo", "square"}),
            "unknown type \"onnx\"; known here: \"echo\", \"square\"");
  EXPECT_EQ(unknown_name("type", "onnx", {}), "unknown type \"onnx\"");
}

} // namespace troupe
