#include "troupe/actors/status/traffic_counters.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(traffic_counters, count_failures_by_their_code_and_in_a_sum) {
  traffic_counters traffic;
  traffic.count_failed(errc::overloaded);
  traffic.count_failed(errc::internal);
  traffic.count_failed(errc::internal);
  auto failed = [&](errc code) {
    return traffic.failed[static_cast<std::size_t>(code)].load();
  };
  EXPECT_EQ(failed(errc::overloaded), 1u);
  EXPECT_EQ(failed(errc::internal), 2u);
  EXPECT_EQ(traffic.refused.load(), 1u);
  EXPECT_EQ(traffic.finished.load(), 2u);
}
