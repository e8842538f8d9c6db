#include "troupe/actors/pool/batch_policy.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

constexpr batch_policy::time_point t0{1h};

} // namespace

TEST(batch_policy, closes_at_its_size_at_once) {
  batch_policy x{{4, 10ms}};
  EXPECT_EQ(x.close(4, t0, t0), 4u);
  EXPECT_EQ(x.close(9, t0, t0), 4u);
}

TEST(batch_policy, stays_open_until_the_delay_of_its_first_item_is_over) {
  batch_policy x{{4, 10ms}};
  EXPECT_EQ(x.close(1, t0, t0), 0u);
  EXPECT_EQ(x.close(3, t0, t0 + 9'999us), 0u);
  EXPECT_EQ(x.close(3, t0, t0 + 10ms), 3u);
  EXPECT_EQ(x.closes_at(t0), t0 + 10ms);
}

TEST(batch_policy, takes_nothing_from_an_empty_queue) {
  EXPECT_EQ((batch_policy{{4, 10ms}}.close(0, t0, t0 + 1h)), 0u);
  EXPECT_EQ((batch_policy{{4, 0ms}}.close(0, t0, t0)), 0u);
}

TEST(batch_policy, without_a_delay_takes_what_is_there) {
  batch_policy x{{4, 0ms}};
  EXPECT_FALSE(x.delays());
  EXPECT_EQ(x.close(1, t0, t0), 1u);
  EXPECT_EQ(x.close(3, t0, t0), 3u);
}

TEST(batch_policy, of_size_one_never_delays) {
  batch_policy x{{1, 10ms}};
  EXPECT_FALSE(x.delays());
  EXPECT_EQ(x.close(1, t0, t0), 1u);
  EXPECT_EQ(x.close(5, t0, t0), 1u);
  EXPECT_TRUE((batch_policy{{2, 1us}}.delays()));
}
