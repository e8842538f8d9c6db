#include "troupe/specs/exchange/request_facts.hpp"

#include <gtest/gtest.h>

#include <chrono>

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

TEST(request_facts_test, items_are_counted_by_the_time_before_them) {
  model_series series{"m"};
  request_facts x;
  x.arrived = noon;
  x.handed_to(series);
  x.item(noon + 5ms);
  x.item(noon + 7ms);
  x.item(noon + 8ms);
  EXPECT_EQ(x.first_item(), noon + 5ms);
  EXPECT_EQ(x.last_item(), noon + 8ms);
  const auto counts = series.counts();
  EXPECT_EQ(counts.first_item.sum, 5'000'000U);
  EXPECT_EQ(counts.between_items.sum, 3'000'000U);
  EXPECT_EQ(counts.between_items.count(), 2U);
}

TEST(request_facts_test, a_request_is_counted_once_at_its_end) {
  model_series series{"m"};
  request_facts x;
  x.arrived = noon;
  x.is_request = true;
  x.handed_to(series);
  x.taken_by(0, noon + 2ms);
  x.finished(noon + 5ms, 200);
  const auto counts = series.counts();
  EXPECT_EQ(counts.by_status.at(200), 1U);
  EXPECT_EQ(counts.request[0].sum, 5'000'000U);
  EXPECT_EQ(counts.predict[0].sum, 3'000'000U);
}

TEST(request_facts_test, one_that_no_worker_had_has_no_time_in_predict) {
  model_series series{"m"};
  request_facts x;
  x.arrived = noon;
  x.is_request = true;
  x.handed_to(series);
  x.taken_by(0, noon);
  x.given_back();
  x.failed(noon + 1s, errc::deadline_exceeded, 504);
  const auto counts = series.counts();
  EXPECT_EQ(counts.predict[status_class(504)].count(), 0U);
  EXPECT_EQ(counts.cancelled[static_cast<std::size_t>(cancel_reason::deadline)],
            1U);
}

TEST(request_facts_test, what_a_spec_orders_is_work_but_no_request) {
  model_series series{"m"};
  request_facts outer;
  outer.arrived = noon;
  outer.is_request = true;
  outer.answered_through(series);
  request_facts call;
  call.arrived = noon;
  call.handed_to(series);
  call.taken_by(1, noon + 1ms);
  outer.taken_by(1, noon + 1ms);
  call.item(noon + 2ms);
  outer.item(noon + 2ms);
  call.tokens({.in = 4, .out = 2, .cached = 0});
  outer.tokens({.in = 4, .out = 2, .cached = 0});
  call.finished(noon + 3ms, 200);
  outer.finished(noon + 3ms, 200);
  const auto counts = series.counts();
  EXPECT_EQ(counts.by_status.at(200), 1U);
  EXPECT_EQ(counts.request[0].count(), 1U);
  EXPECT_EQ(counts.predict[0].count(), 1U);
  EXPECT_EQ(counts.first_item.count(), 1U);
  EXPECT_EQ(counts.tokens_in, 4U);
}

TEST(request_facts_test, tokens_are_counted_as_they_come) {
  model_series series{"m"};
  request_facts x;
  x.handed_to(series);
  x.tokens({.in = 10, .out = 1, .cached = 4});
  x.tokens({.in = 10, .out = 3, .cached = 4});
  x.tokens({.in = 10, .out = 3, .cached = 4});
  EXPECT_EQ(series.counts().tokens_in, 10U);
  EXPECT_EQ(series.counts().tokens_out, 3U);
  EXPECT_EQ(series.counts().tokens_cached, 4U);
}

TEST(request_facts_test, what_no_model_answers_is_counted_elsewhere) {
  model_series none{""};
  request_facts x;
  x.arrived = noon;
  x.is_request = true;
  x.otherwise = &none;
  x.finished(noon + 1ms, 204);
  EXPECT_EQ(none.counts().by_status.at(204), 1U);
}

TEST(request_facts_test, another_model_has_given_it_to_no_worker_yet) {
  model_series first{"first"};
  model_series second{"second"};
  request_facts x;
  x.handed_to(first);
  x.taken_by(3, noon);
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

} // namespace
