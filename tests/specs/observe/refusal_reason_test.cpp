#include "troupe/specs/observe/refusal_reason.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

using namespace troupe;

namespace {

TEST(refusal_reason_test, each_has_a_word_of_its_own) {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < refusal_reason_count; ++i)
    words.insert(to_string(static_cast<refusal_reason>(i)));
  EXPECT_EQ(words.size(), refusal_reason_count);
}

TEST(refusal_reason_test, only_refusals_have_one) {
  EXPECT_EQ(refusal_of(errc::overloaded), refusal_reason::queue_full);
  EXPECT_EQ(refusal_of(errc::not_ready), refusal_reason::not_ready);
  EXPECT_EQ(refusal_of(errc::draining), refusal_reason::draining);
  EXPECT_EQ(refusal_of(errc::too_many_requests), refusal_reason::rate_limit);
  EXPECT_EQ(refusal_of(errc::internal), refusal_reason::none);
  EXPECT_EQ(refusal_of(errc::not_found), refusal_reason::none);
}

} // namespace
