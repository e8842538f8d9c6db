#include "troupe/http/admin/change_desk.hpp"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <thread>
#include <utility>

namespace troupe {

namespace {

using namespace std::chrono_literals;
using reason = change_refused::reason;

/// Why a turn was refused, or nothing.
std::optional<change_refused> refusal_of(change_desk& desk,
                                         std::chrono::milliseconds patience) {
  try {
    auto turn = desk.take("mine", patience);
    return std::nullopt;
  } catch (const change_refused& e) {
    return e;
  }
}

TEST(change_desk, gives_one_turn_at_a_time) {
  change_desk desk;
  std::optional<change_desk::turn> first{desk.take("the first", 0ms)};
  EXPECT_EQ(desk.current(), "the first");
  auto why = refusal_of(desk, 1ms);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->why(), reason::busy);
  EXPECT_STREQ(why->what(), "another change runs: the first; try again when it "
                            "is done");
  first.reset();
  EXPECT_EQ(desk.current(), "");
  EXPECT_FALSE(refusal_of(desk, 0ms));
}

TEST(change_desk, lets_the_next_one_wait) {
  change_desk desk;
  std::optional<change_desk::turn> first{desk.take("the first", 0ms)};
  auto next = std::async(std::launch::async,
                         [&] { return refusal_of(desk, 30s).has_value(); });
  first.reset();
  EXPECT_FALSE(next.get());
}

TEST(change_desk, refuses_everybody_once_it_is_closed) {
  change_desk desk;
  std::optional<change_desk::turn> first{desk.take("the first", 0ms)};
  auto waiting =
    std::async(std::launch::async, [&] { return refusal_of(desk, 30s); });
  EXPECT_FALSE(desk.close(0ms)) << "one runs";
  EXPECT_TRUE(desk.closed());
  EXPECT_EQ(waiting.get().value().why(), reason::stopping);
  auto ended = std::async(std::launch::async, [&] { return desk.close(30s); });
  first.reset();
  EXPECT_TRUE(ended.get());
  EXPECT_EQ(refusal_of(desk, 0ms).value().why(), reason::stopping);
}

TEST(change_desk, has_a_turn_that_moves) {
  change_desk desk;
  auto first = desk.take("the first", 0ms);
  auto second = std::move(first);
  EXPECT_TRUE(refusal_of(desk, 0ms));
}

} // namespace

} // namespace troupe
