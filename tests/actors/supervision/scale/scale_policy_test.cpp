#include "troupe/actors/supervision/scale/scale_policy.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// Looks every 50 ms at workers that the test makes up.
class scale_policy_test : public ::testing::Test {
protected:
  static worker_count quick() {
    worker_count result;
    result.grow_after = 200ms;
    result.shrink_after = 1s;
    result.utilisation = 0.7;
    return result;
  }

  /// @returns the number of workers after so long
  std::size_t look(std::chrono::milliseconds for_so_long, std::size_t waiting,
                   std::size_t calls, bool settled = true) {
    for (auto left = for_so_long; left.count() > 0; left -= 50ms) {
      now += 50ms;
      load_sample seen;
      seen.workers = workers;
      seen.settled = settled;
      seen.waiting = waiting;
      seen.calls = std::min(calls, workers);
      seen.capacity = workers;
      seen.per_worker = per_worker;
      const auto n = tested.decide(now, seen, range);
      if (n != workers)
        steps.push_back(n);
      workers = n;
    }
    return workers;
  }

  scale_policy tested{quick()};
  worker_range range{1, 8};
  std::size_t workers = 1;
  std::size_t per_worker = 1;
  scale_policy::time_point now{1h};
  std::vector<std::size_t> steps;
};

using sizes = std::vector<std::size_t>;

} // namespace

TEST_F(scale_policy_test, requests_that_wait_bring_workers_in_bounded_steps) {
  EXPECT_EQ(look(200ms, 100, 1), 1u) << "not yet";
  EXPECT_EQ(look(50ms, 100, 1), 2u);
  EXPECT_EQ(look(1s, 100, 8), 8u);
  EXPECT_EQ(steps, (sizes{2, 4, 8})) << "doubled each time";
  EXPECT_EQ(look(5s, 100, 8), 8u) << "no more than the most";
}

TEST_F(scale_policy_test, there_are_no_more_than_what_waits_needs) {
  workers = 4;
  EXPECT_EQ(look(300ms, 1, 4), 5u);
  per_worker = 16;
  steps.clear();
  EXPECT_EQ(look(300ms, 20, 5), 7u) << "two batches wait";
}

TEST_F(scale_policy_test, a_short_wait_changes_nothing) {
  for (int i = 0; i < 20; ++i) {
    look(150ms, 3, 1);
    look(50ms, 0, 1);
  }
  EXPECT_EQ(steps, sizes{});
}

TEST_F(scale_policy_test, nobody_is_added_while_others_are_coming) {
  EXPECT_EQ(look(5s, 100, 1, false), 1u);
  EXPECT_EQ(look(200ms, 100, 1), 1u) << "first they show what they change";
  EXPECT_EQ(look(50ms, 100, 1), 2u);
}

TEST_F(scale_policy_test, idle_workers_go_by_halves_and_slowly) {
  workers = 8;
  EXPECT_EQ(look(1s, 0, 0), 8u);
  EXPECT_EQ(look(100ms, 0, 0), 4u);
  EXPECT_EQ(look(900ms, 0, 0), 4u);
  EXPECT_EQ(look(5s, 0, 0), 1u);
  EXPECT_EQ(steps, (sizes{4, 2, 1}));
}

TEST_F(scale_policy_test, those_that_stay_are_not_too_busy) {
  workers = 8;
  // Three are busy all the time: with four they would be busy for 75 %.
  EXPECT_EQ(look(10s, 0, 3), 5u);
  EXPECT_EQ(steps, sizes{5});
}

TEST_F(scale_policy_test, nobody_goes_where_that_is_switched_off) {
  auto options = quick();
  options.utilisation = 0;
  tested = scale_policy{options};
  workers = 8;
  EXPECT_EQ(look(10s, 0, 0), 8u);
}

TEST_F(scale_policy_test, nobody_goes_while_requests_wait) {
  workers = 8;
  EXPECT_EQ(look(10s, 1, 0), 8u);
}

TEST_F(scale_policy_test, a_load_that_comes_again_makes_it_patient) {
  workers = 2;
  range = {1, 2};
  // Each round needs a second worker for a moment.
  for (int i = 0; i < 40; ++i) {
    look(1500ms, 0, 0);
    look(400ms, 1, workers);
  }
  EXPECT_LT(steps.size(), 20u) << "no flapping: it waits longer each time";
  steps.clear();
  look(60s, 0, 0);
  EXPECT_EQ(workers, 1u) << "but not for ever";
}

TEST_F(scale_policy_test, another_range_holds_at_once) {
  workers = 1;
  range = {3, 5};
  EXPECT_EQ(look(50ms, 0, 0), 3u);
  range = {1, 2};
  EXPECT_EQ(look(50ms, 0, 0), 2u);
}

TEST_F(scale_policy_test, workers_that_take_many_calls_count_in_parts) {
  for (auto left = 3s; left.count() > 0; --left) {
    for (int i = 0; i < 20; ++i) {
      now += 50ms;
      load_sample seen;
      seen.workers = workers = std::max<std::size_t>(workers, 1);
      seen.waiting = 0;
      seen.calls = 4;
      seen.capacity = 16 * workers;
      seen.per_worker = 16;
      if (left == 3s)
        seen.workers = workers = 2;
      workers = tested.decide(now, seen, range);
    }
  }
  EXPECT_EQ(workers, 1u) << "four of 32 calls are little";
}
