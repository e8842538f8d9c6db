#include "troupe/actors/sharded.hpp"

#include <gtest/gtest.h>

#include <memory>

using troupe::sharded;

namespace {

using handle = std::shared_ptr<int>;

handle make(int x) {
  return std::make_shared<int>(x);
}

} // namespace

TEST(sharded, is_empty_without_a_handle) {
  EXPECT_TRUE(sharded<handle>{}.empty());
  EXPECT_TRUE(sharded<handle>{handle{}}.empty());
}

TEST(sharded, one_serves_all_threads) {
  sharded<handle> x{make(7)};
  EXPECT_FALSE(x.empty());
  EXPECT_EQ(*x.of(0), 7);
  EXPECT_EQ(*x.of(5), 7);
}

TEST(sharded, each_thread_has_its_own) {
  sharded<handle> x{std::vector{make(0), make(1), make(2)}};
  for (auto i = 0; i < 3; ++i)
    EXPECT_EQ(*x.of(static_cast<std::uint32_t>(i)), i);
  // A thread that nobody counted on is served all the same.
  EXPECT_EQ(*x.of(4), 1);
  EXPECT_EQ(x.all().size(), 3U);
}

TEST(sharded, is_compared_by_its_handles) {
  auto one = make(1);
  EXPECT_EQ(sharded<handle>{one}, sharded<handle>{one});
  EXPECT_NE(sharded<handle>{one}, sharded<handle>{make(1)});
}
