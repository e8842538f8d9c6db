#include "troupe/cli/bench/measure/recorder.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using namespace troupe::load;

namespace {

struct fixture {
  recorder::time_point start{100s};
  recorder closed{start, 1s, false};
  recorder open{start, 1s, true};
};

} // namespace

TEST(recorder, leaves_the_warm_up_out) {
  fixture f;
  f.closed.sent(f.start - 1ms, 10);
  f.closed.answered(f.start - 2ms, f.start - 2ms, f.start - 1ms, 200);
  f.closed.failed(f.start - 1ms, failure::closed, f.start);
  EXPECT_EQ(f.closed.window(0).requests(), 0U);
  EXPECT_EQ(f.closed.window(0).bytes_sent, 0U);
}

TEST(recorder, gives_a_latency_to_the_window_of_its_planned_time) {
  fixture f;
  f.closed.answered(f.start + 900ms, f.start + 900ms, f.start + 2500ms, 200);
  EXPECT_EQ(f.closed.window(0).latency.max(), 1600ms);
  EXPECT_EQ(f.closed.window(0).completed, 0U);
  EXPECT_EQ(f.closed.window(2).completed, 1U);
  EXPECT_EQ(f.closed.window(2).latency.count(), 0U);
}

TEST(recorder, counts_good_answers_by_the_second_whatever_the_windows) {
  fixture f;
  recorder wide{f.start, 10s, false};
  auto answer = [&](recorder::duration at, unsigned status) {
    wide.answered(f.start + at, f.start + at, f.start + at, status);
  };
  answer(-1ms, 200);
  answer(100ms, 200);
  answer(999ms, 200);
  answer(1500ms, 503);
  answer(2s, 200);
  EXPECT_EQ(wide.each_second(), (std::vector<std::uint64_t>{2, 0, 1}));
  EXPECT_EQ(wide.window(0).completed, 3U);
}

TEST(recorder, counts_from_the_planned_time_in_an_open_loop) {
  fixture f;
  f.open.answered(f.start, f.start + 300ms, f.start + 400ms, 200);
  EXPECT_EQ(f.open.window(0).latency.max(), 400ms);
  EXPECT_EQ(f.open.window(0).service_time.max(), 100ms);
}

TEST(recorder, does_not_let_fast_errors_flatter_the_latency) {
  fixture f;
  f.closed.answered(f.start, f.start, f.start + 1ms, 503);
  const auto& x = f.closed.window(0);
  EXPECT_EQ(x.latency.count(), 0U);
  EXPECT_EQ(x.completed, 0U);
  EXPECT_EQ(x.statuses.at(503), 1U);
  EXPECT_EQ(x.errors(), 1U);
  EXPECT_EQ(x.answers(), 1U);
}

TEST(recorder, keeps_how_long_an_error_took) {
  fixture f;
  f.open.failed(f.start, failure::timeout, f.start + 3s);
  f.open.answered(f.start, f.start, f.start + 4s, 504);
  const auto& x = f.open.window(0);
  EXPECT_EQ(x.errors(), 2U);
  EXPECT_EQ(x.latency.count(), 0U);
  EXPECT_EQ(x.error_latency.count(), 2U);
  EXPECT_EQ(x.error_latency.min(), 3s);
  EXPECT_EQ(x.error_latency.max(), 4s);
}

TEST(recorder, tells_the_first_item_from_the_ones_after_it) {
  fixture f;
  f.closed.items(f.start, {}, f.start + 5ms, 1);
  f.closed.items(f.start, f.start + 5ms, f.start + 7ms, 3);
  const auto& x = f.closed.window(0);
  EXPECT_EQ(x.items, 4U);
  EXPECT_EQ(x.first_item.count(), 1U);
  EXPECT_EQ(x.first_item.max(), 5ms);
  // Three came at once: one gap of 2 ms, two of nothing.
  EXPECT_EQ(x.between_items.count(), 3U);
  EXPECT_EQ(x.between_items.max(), 2ms);
  EXPECT_EQ(x.between_items.percentile(50), 0ms);
}

TEST(recorder, takes_several_first_items_as_one_gap_and_none) {
  fixture f;
  f.closed.items(f.start, {}, f.start + 5ms, 3);
  EXPECT_EQ(f.closed.window(0).first_item.count(), 1U);
  EXPECT_EQ(f.closed.window(0).between_items.count(), 2U);
  EXPECT_EQ(f.closed.window(0).between_items.max(), 0ms);
}

TEST(recorder, calls_late_what_was_sent_over_a_millisecond_late) {
  fixture f;
  f.open.sent_directly(f.start, f.start + 1ms);
  f.open.sent_directly(f.start, f.start + 1001us);
  f.open.queued(f.start);
  EXPECT_EQ(f.open.window(0).late, 1U);
  EXPECT_EQ(f.open.window(0).queued, 1U);
}

TEST(window_stats, have_slow_errors_in_the_latency_and_no_fast_ones) {
  fixture f;
  for (auto i = 1; i <= 98; ++i)
    f.open.answered(f.start, f.start, f.start + 10ms, 200);
  f.open.answered(f.start, f.start, f.start + 1ms, 503);
  f.open.failed(f.start, failure::closed, f.start + 2ms);
  EXPECT_EQ(f.open.window(0).latency_with_slow_errors().count(), 98U);
  f.open.failed(f.start, failure::timeout, f.start + 30s);
  f.open.answered(f.start, f.start, f.start + 20s, 504);
  auto x = f.open.window(0).latency_with_slow_errors();
  EXPECT_EQ(x.count(), 100U);
  EXPECT_EQ(x.min(), 10ms);
  EXPECT_GE(x.percentile(99), 20s);
  EXPECT_EQ(x.max(), 30s);
}

TEST(window_stats, have_no_latency_without_a_good_answer) {
  fixture f;
  f.open.answered(f.start, f.start, f.start + 1ms, 503);
  EXPECT_EQ(f.open.window(0).latency_with_slow_errors().count(), 0U);
}

TEST(window_stats, merge_everything) {
  fixture f;
  f.open.answered(f.start, f.start, f.start + 1ms, 200);
  f.open.answered(f.start, f.start, f.start + 1ms, 404);
  f.open.failed(f.start, failure::timeout, f.start + 1s);
  f.open.received(f.start, 7);
  f.open.sent(f.start, 9);
  window_stats sum;
  sum.merge(f.open.window(0));
  sum.merge(f.open.window(0));
  EXPECT_EQ(sum.requests(), 6U);
  EXPECT_EQ(sum.errors(), 4U);
  EXPECT_EQ(sum.latency.count(), 2U);
  EXPECT_EQ(sum.error_latency.count(), 4U);
  EXPECT_EQ(sum.service_time.count(), 2U);
  EXPECT_EQ(sum.bytes_received, 14U);
  EXPECT_EQ(sum.bytes_sent, 18U);
  EXPECT_EQ(sum.statuses.at(404), 2U);
}
