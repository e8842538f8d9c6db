#include "troupe/http/wire/reader_patience.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using namespace std::chrono_literals;

const reader_patience::time_point begin_of_time{};

reader_patience::time_point at(std::chrono::milliseconds x) {
  return begin_of_time + x;
}

TEST(reader_patience, adds_up_the_times_of_many_waits) {
  reader_patience x;
  EXPECT_EQ(x.spent(at(5ms)), 0ms);
  x.begin(at(10ms));
  EXPECT_TRUE(x.holds());
  EXPECT_EQ(x.spent(at(13ms)), 3ms);
  x.end(at(14ms));
  EXPECT_FALSE(x.holds());
  EXPECT_EQ(x.spent(at(1000ms)), 4ms);
  x.begin(at(1000ms));
  EXPECT_EQ(x.spent(at(1002ms)), 6ms);
}

TEST(reader_patience, counts_the_time_of_several_producers_once) {
  reader_patience x;
  x.begin(at(0ms));
  x.begin(at(10ms));
  x.end(at(20ms));
  EXPECT_TRUE(x.holds());
  x.end(at(30ms));
  EXPECT_EQ(x.spent(at(99ms)), 30ms);
}

TEST(reader_patience, is_won_back_by_what_is_taken) {
  reader_patience x{1'000};
  x.begin(at(0ms));
  x.earn(30, at(100ms));
  EXPECT_EQ(x.spent(at(100ms)), 70ms);
  EXPECT_EQ(x.spent(at(101ms)), 71ms);
  x.end(at(110ms));
  EXPECT_EQ(x.spent(at(200ms)), 80ms);
}

TEST(reader_patience, saves_nothing_up) {
  reader_patience x{1'000};
  x.begin(at(0ms));
  x.earn(1'000'000, at(100ms));
  EXPECT_EQ(x.spent(at(100ms)), 0ms);
  EXPECT_EQ(x.spent(at(107ms)), 7ms);
}

TEST(reader_patience, without_a_pace_wins_nothing_back) {
  reader_patience x;
  x.begin(at(0ms));
  x.earn(1'000'000, at(100ms));
  EXPECT_EQ(x.spent(at(100ms)), 100ms);
}

} // namespace

} // namespace troupe
