#include "troupe/http/observe/access/line_ring.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

namespace troupe {

namespace {

/// @returns whether there was room
bool put(line_ring& ring, std::string_view line) {
  auto* room = ring.room();
  if (room == nullptr)
    return false;
  line.copy(room, line.size());
  ring.put(line.size());
  return true;
}

std::string taken(line_ring& ring) {
  std::string result;
  ring.take([&](std::string_view x) { result += x; });
  return result;
}

TEST(line_ring_test, lines_come_out_as_they_went_in) {
  line_ring ring;
  EXPECT_TRUE(ring.empty());
  EXPECT_TRUE(put(ring, "one\n"));
  EXPECT_TRUE(put(ring, "two\n"));
  EXPECT_FALSE(ring.empty());
  EXPECT_EQ(taken(ring), "one\ntwo\n");
  EXPECT_TRUE(ring.empty());
  EXPECT_EQ(taken(ring), "");
}

TEST(line_ring_test, it_says_how_much_waits) {
  line_ring ring;
  ASSERT_NE(ring.room(), nullptr);
  EXPECT_EQ(ring.put(10), 10U);
  ASSERT_NE(ring.room(), nullptr);
  EXPECT_EQ(ring.put(5), 15U);
  taken(ring);
  ASSERT_NE(ring.room(), nullptr);
  EXPECT_EQ(ring.put(7), 7U);
}

TEST(line_ring_test, a_full_ring_takes_no_more_until_it_is_read) {
  for (const auto length :
       {std::size_t{1}, std::size_t{500}, line_ring::longest_line}) {
    line_ring ring;
    const std::string line(length, 'x');
    // Over its end as well.
    for (int i = 0; i < 3; ++i) {
      std::string all;
      while (put(ring, line))
        all += line;
      EXPECT_GT(all.size(),
                line_ring::capacity - 2 * line_ring::longest_line - length);
      EXPECT_EQ(taken(ring), all);
    }
  }
}

TEST(line_ring_test, each_line_is_in_one_piece) {
  line_ring ring;
  std::string line = "0123456789abcdef\n";
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(put(ring, line));
    if (i % 1000 == 0)
      ring.take([&](std::string_view x) {
        ASSERT_EQ(x.size() % line.size(), 0U);
        ASSERT_TRUE(x.ends_with(line));
      });
  }
}

TEST(line_ring_test, two_threads_lose_nothing) {
  line_ring ring;
  constexpr std::uint64_t all = 200'000;
  std::thread maker{[&] {
    for (std::uint64_t i = 0; i < all;) {
      // Of all lengths.
      auto line = std::to_string(i) + std::string(i * 7 % 1500, ' ') + '\n';
      i += put(ring, line) ? 1 : 0;
    }
  }};
  std::uint64_t next = 0;
  while (next < all)
    ring.take([&](std::string_view x) {
      while (!x.empty()) {
        const auto end = x.find('\n');
        ASSERT_NE(end, x.npos);
        ASSERT_EQ(x.substr(0, x.find(' ')).substr(0, end),
                  std::to_string(next++));
        x.remove_prefix(end + 1);
      }
    });
  maker.join();
}

} // namespace

} // namespace troupe
