#include "troupe/http/limits/arrival.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using namespace std::chrono_literals;

class arrival_test : public ::testing::Test {
public:
  arrival_test() {
    limits.header_timeout = 10s;
    limits.body_timeout = 30s;
    limits.min_body_bytes_per_second = 100;
    limits.receive_timeout = 1000s;
  }

  arrival::time_point at(std::chrono::seconds x) const {
    return start + x;
  }

  connection_limits limits;
  arrival::time_point start = timer_wheel::clock::now();
};

TEST_F(arrival_test, gives_a_header_its_time_from_the_first_byte) {
  arrival a{limits};
  for (auto now : {0s, 3s, 9s})
    EXPECT_EQ(a.await_header(at(now)), at(10s));
}

TEST_F(arrival_test, lets_a_body_that_comes_at_a_fair_rate_take_its_time) {
  arrival a{limits};
  for (auto i = 0; i < 20; ++i) {
    auto now = std::chrono::seconds{20 * i};
    EXPECT_EQ(a.await_body(at(now)), at(now + 30s)) << i;
    a.take(2'000);
  }
}

TEST_F(arrival_test, ends_a_body_that_comes_by_single_bytes) {
  arrival a{limits};
  EXPECT_EQ(a.await_body(at(0s)), at(30s));
  for (auto now : {10s, 20s, 29s}) {
    a.take(1);
    EXPECT_GT(a.await_body(at(now)), at(now));
    EXPECT_LT(a.await_body(at(now)), at(31s));
  }
}

TEST_F(arrival_test, ends_a_body_that_stops) {
  arrival a{limits};
  a.await_body(at(0s));
  a.take(1'000'000);
  EXPECT_EQ(a.await_body(at(50s)), at(80s));
}

TEST_F(arrival_test, bounds_the_whole_request) {
  limits.receive_timeout = 60s;
  arrival a{limits};
  EXPECT_EQ(a.await_header(at(0s)), at(10s));
  a.take(1'000'000);
  EXPECT_EQ(a.await_body(at(5s)), at(35s));
  EXPECT_EQ(a.await_body(at(50s)), at(60s));
}

TEST_F(arrival_test, has_no_bounds_that_are_zero) {
  limits.receive_timeout = 0s;
  limits.min_body_bytes_per_second = 0;
  arrival a{limits};
  EXPECT_EQ(a.await_body(at(0s)), at(30s));
  EXPECT_EQ(a.await_body(at(100'000s)), at(100'030s));
}

TEST_F(arrival_test, takes_bodies_that_earn_more_time_than_there_is) {
  limits.min_body_bytes_per_second = 1;
  limits.receive_timeout = 0s;
  arrival a{limits};
  a.await_body(at(0s));
  a.take(std::uint64_t{1} << 60);
  EXPECT_EQ(a.await_body(at(10s)), at(40s));
}

} // namespace

} // namespace troupe
