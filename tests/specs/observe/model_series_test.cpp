#include "troupe/specs/observe/model_series.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace troupe;

namespace {

TEST(model_series_test, has_the_common_statuses_from_the_beginning) {
  model_series x{"m"};
  const auto counts = x.counts();
  for (auto status : {200, 400, 422, 429, 499, 500, 503, 504}) {
    ASSERT_EQ(counts.by_status.count(status), 1U) << status;
    EXPECT_EQ(counts.by_status.at(status), 0U);
  }
}

TEST(model_series_test, counts_a_request_by_status_and_time) {
  model_series x{"m"};
  x.ended({.status = 200, .total = 2ms, .predict = 1ms});
  x.ended({.status = 418, .total = 3s});
  const auto counts = x.counts();
  EXPECT_EQ(counts.by_status.at(200), 1U);
  EXPECT_EQ(counts.by_status.at(418), 1U);
  EXPECT_EQ(counts.request[status_class(200)].count(), 1U);
  EXPECT_EQ(counts.request[status_class(418)].sum, 3'000'000'000U);
  EXPECT_EQ(counts.predict[status_class(200)].sum, 1'000'000U);
  EXPECT_EQ(counts.predict[status_class(418)].count(), 0U);
}

TEST(model_series_test, a_call_of_a_spec_is_no_request) {
  model_series x{"m"};
  x.ended({.status = 200, .predict = 1ms});
  EXPECT_EQ(x.counts().by_status.at(200), 0U);
  EXPECT_EQ(x.counts().predict[0].count(), 1U);
}

TEST(model_series_test, tells_reasons_apart) {
  model_series x{"m"};
  x.ended({.status = 503, .total = 0ms, .refused = refusal_reason::queue_full});
  x.ended({.status = 499, .total = 0ms, .cancelled = cancel_reason::client});
  x.answered(429, refusal_reason::rate_limit);
  const auto counts = x.counts();
  auto refused = [&](refusal_reason why) {
    return counts.refused[static_cast<std::size_t>(why)];
  };
  EXPECT_EQ(refused(refusal_reason::queue_full), 1U);
  EXPECT_EQ(refused(refusal_reason::rate_limit), 1U);
  EXPECT_EQ(refused(refusal_reason::draining), 0U);
  EXPECT_EQ(counts.cancelled[static_cast<std::size_t>(cancel_reason::client)],
            1U);
  EXPECT_EQ(counts.by_status.at(429), 1U);
}

TEST(model_series_test, statuses_beyond_the_most_are_counted_together) {
  model_series x{"m"};
  for (int status = 600; status < 700; ++status)
    x.answered(status, refusal_reason::none);
  std::uint64_t sum = 0;
  for (const auto& [status, n] : x.counts().by_status)
    sum += n;
  EXPECT_EQ(sum, 100U);
  EXPECT_GT(x.counts().by_status.at(0), 0U);
}

TEST(model_series_test, merges_what_all_threads_counted) {
  model_series x{"m"};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 70; ++i)
      threads.emplace_back([&x] {
        for (int n = 0; n < 100; ++n) {
          x.ended({.status = 200, .total = 1ms, .predict = 1ms});
          x.batch(3);
          x.waited(1ms);
          x.tokens({.in = 2, .out = 1, .cached = 0});
        }
      });
  }
  const auto counts = x.counts();
  EXPECT_EQ(counts.by_status.at(200), 7'000U);
  EXPECT_EQ(counts.request[0].count(), 7'000U);
  EXPECT_EQ(counts.batch.sum, 21'000U);
  EXPECT_EQ(counts.queue.count(), 7'000U);
  EXPECT_EQ(counts.tokens_in, 14'000U);
  EXPECT_EQ(counts.tokens_out, 7'000U);
}

TEST(model_series_test, adds_up_its_queues_as_long_as_they_are_there) {
  model_series x{"m"};
  auto old = x.new_queue();
  auto fresh = x.new_queue();
  old->queued = 2;
  old->running = 1;
  fresh->queued = 3;
  EXPECT_EQ(x.counts().queued, 5U);
  EXPECT_EQ(x.counts().running, 1U);
  old.reset();
  EXPECT_EQ(x.counts().queued, 3U);
  EXPECT_EQ(x.counts().running, 0U);
  old = x.new_queue();
  EXPECT_EQ(x.counts().queued, 3U);
}

TEST(model_series_test, one_that_is_off_counts_nothing) {
  model_series x{"m", false};
  x.ended({.status = 200, .total = 1ms, .predict = 1ms});
  x.batch(1);
  x.restart();
  EXPECT_EQ(x.counts().by_status.at(200), 0U);
  EXPECT_EQ(x.counts().batch.count(), 0U);
  EXPECT_EQ(x.counts().restarts, 0U);
}

TEST(model_series, many_threads_make_queues_at_once) {
  for (int round = 0; round < 50; ++round) {
    model_series x{"m", true};
    constexpr std::size_t per_thread = 8;
    std::array<std::array<std::shared_ptr<queue_depth>, per_thread>, 4> all;
    std::atomic<bool> go{false};
    std::vector<std::thread> threads;
    for (auto& mine : all)
      threads.emplace_back([&x, &go, &mine] {
        while (!go)
          std::this_thread::yield();
        for (auto& q : mine) {
          q = x.new_queue();
          q->queued = 1;
        }
      });
    go = true;
    for (auto& t : threads)
      t.join();
    ASSERT_EQ(x.counts().queued, all.size() * per_thread);
  }
}

} // namespace
