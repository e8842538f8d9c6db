#include "troupe/actors/pool/service_meter.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class service_meter_test : public testing::Test {
protected:
  /// Requests end one after the other, so far apart.
  void end(int n, std::chrono::milliseconds apart, std::size_t each = 1) {
    for (; n > 0; --n) {
      time += apart;
      tested.ended(each, time);
    }
  }

  service_meter tested;
  deadline_clock::time_point time{1h};
};

} // namespace

TEST_F(service_meter_test, knows_nothing_at_first) {
  tested.saturated(true, time);
  end(3, 10ms);
  EXPECT_EQ(tested.until_begin(100), 0ms);
  EXPECT_EQ(tested.call(), 0ms);
}

TEST_F(service_meter_test, tells_the_wait_from_how_fast_the_queue_moves) {
  tested.saturated(true, time);
  end(10, 10ms);
  EXPECT_NEAR(std::chrono::duration<double>(tested.until_begin(20)).count(),
              0.2, 0.001);
  EXPECT_EQ(tested.until_begin(0), 0ms);
}

TEST_F(service_meter_test, counts_each_request_of_a_batch) {
  tested.saturated(true, time);
  end(10, 40ms, 8);
  EXPECT_NEAR(std::chrono::duration<double>(tested.until_begin(8)).count(),
              0.04, 0.001);
}

TEST_F(service_meter_test, takes_no_account_of_idle_times) {
  tested.saturated(true, time);
  end(10, 10ms);
  tested.saturated(false, time);
  end(10, 10s);
  time += 1h;
  tested.saturated(true, time);
  end(1, 10ms);
  EXPECT_NEAR(std::chrono::duration<double>(tested.until_begin(1)).count(),
              0.01, 0.001);
}

TEST_F(service_meter_test, follows_workers_that_become_faster) {
  tested.saturated(true, time);
  end(50, 80ms);
  end(50, 10ms);
  EXPECT_LT(tested.until_begin(1), 15ms);
}

TEST_F(service_meter_test, averages_how_long_a_call_takes) {
  tested.took(10ms);
  EXPECT_EQ(tested.call(), 10ms);
  for (int i = 0; i < 100; ++i)
    tested.took(20ms);
  EXPECT_NEAR(std::chrono::duration<double>(tested.call()).count(), 0.02,
              0.001);
}

TEST_F(service_meter_test, never_answers_more_than_an_hour) {
  tested.saturated(true, time);
  end(10, 1h);
  EXPECT_EQ(tested.until_begin(1'000'000'000), 1h);
}
