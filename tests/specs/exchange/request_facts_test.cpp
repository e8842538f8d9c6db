#include "troupe/specs/exchange/request_facts.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

using namespace std::chrono_literals;
using namespace troupe;

namespace {

const auto noon = deadline_clock::time_point{} + 12h;

TEST(request_facts_test, nothing_is_known_at_first) {
  request_facts x;
  EXPECT_EQ(x.model(), nullptr);
  EXPECT_EQ(x.worker(), request_facts::no_worker);
  EXPECT_FALSE(x.first_item());
  EXPECT_FALSE(x.last_item());
  EXPECT_FALSE(x.predict_end());
  EXPECT_FALSE(x.ended_at());
  EXPECT_FALSE(x.failure_code());
  EXPECT_EQ(x.status(), 0);
  EXPECT_EQ(x.refusal(), refusal_reason::none);
  EXPECT_EQ(x.tokens(), token_counts{});
}

TEST(request_facts_test, the_time_between_two_items_is_told) {
  request_facts x;
  EXPECT_EQ(x.item(noon), std::nullopt);
  EXPECT_EQ(x.item(noon + 5ms), deadline_clock::duration{5ms});
  EXPECT_EQ(x.item(noon + 7ms), deadline_clock::duration{2ms});
  EXPECT_EQ(x.first_item(), noon);
  EXPECT_EQ(x.last_item(), noon + 7ms);
}

TEST(request_facts_test, another_model_has_given_it_to_no_worker_yet) {
  model_series first{"first"};
  model_series second{"second"};
  request_facts x;
  x.handed_to(first);
  x.taken_by(3);
  EXPECT_EQ(x.worker(), 3U);
  x.handed_to(second);
  EXPECT_EQ(x.model()->name(), "second");
  EXPECT_EQ(x.worker(), request_facts::no_worker);
}

TEST(request_facts_test, a_failure_has_its_code_and_its_status) {
  request_facts x;
  x.failed(noon, errc::worker_died, 503);
  EXPECT_EQ(x.failure_code(), errc::worker_died);
  EXPECT_EQ(x.status(), 503);
  EXPECT_EQ(x.ended_at(), noon);
  EXPECT_EQ(x.refusal(), refusal_reason::none);
}

TEST(request_facts_test, a_code_that_says_enough_is_the_reason_of_a_refusal) {
  request_facts full;
  full.failed(noon, errc::overloaded, 503);
  EXPECT_EQ(full.refusal(), refusal_reason::queue_full);
  request_facts known;
  known.refused(refusal_reason::deadline);
  known.failed(noon, errc::overloaded, 503);
  EXPECT_EQ(known.refusal(), refusal_reason::deadline);
}

TEST(request_facts_test, each_reason_has_a_word_of_its_own) {
  std::set<std::string_view> words;
  for (std::size_t i = 0; i < refusal_reason_count; ++i)
    words.insert(to_string(static_cast<refusal_reason>(i)));
  EXPECT_EQ(words.size(), refusal_reason_count);
}

} // namespace
