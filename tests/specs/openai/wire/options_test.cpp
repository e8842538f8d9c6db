#include "troupe/specs/openai/wire/options.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace troupe;

TEST(openai_options, want_a_model) {
  openai_options x;
  EXPECT_TRUE(x.validate().starts_with("model: "));
  x.embeddings = "e";
  EXPECT_EQ(x.validate(), "");
  x.aliases = {"a"};
  EXPECT_TRUE(x.validate().starts_with("aliases: "));
  x = {};
  x.model = "m";
  EXPECT_EQ(x.validate(), "");
  x.aliases = {"a"};
  EXPECT_EQ(x.validate(), "");
  x.embedding_aliases = {"a"};
  EXPECT_TRUE(x.validate().starts_with("embedding_aliases: "));
  x.embedding_aliases = {};
  x.truncate_dimensions = true;
  EXPECT_TRUE(x.validate().starts_with("truncate_dimensions: "));
}

TEST(openai_options, bound_what_multiplies) {
  openai_options x;
  x.model = "m";
  for (std::size_t n : {0, 129}) {
    x.max_n = n;
    EXPECT_TRUE(x.validate().starts_with("max_n: "));
  }
  x.max_n = 128;
  EXPECT_EQ(x.validate(), "");
  for (std::size_t n : {0, 100'001}) {
    x.max_inputs = n;
    EXPECT_TRUE(x.validate().starts_with("max_inputs: "));
  }
  x.max_inputs = 1;
  x.calls_at_once = 0;
  EXPECT_TRUE(x.validate().starts_with("calls_at_once: "));
  x.calls_at_once = 1;
  x.max_stream_bytes = 0;
  EXPECT_TRUE(x.validate().starts_with("max_stream_bytes: "));
}

TEST(openai_options, make_ids_that_do_not_repeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    auto id = random_id();
    EXPECT_EQ(id.size(), 32U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    seen.insert(std::move(id));
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(openai_options, tell_the_time_in_seconds) {
  EXPECT_GT(unix_time(), 1'600'000'000);
  EXPECT_LT(unix_time(), 100'000'000'000);
}
