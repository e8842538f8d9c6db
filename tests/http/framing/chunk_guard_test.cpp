// Its tables are those of request_parser, which cuts them in every way.
#include "troupe/http/framing/chunk_guard.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {

namespace {

const connection_limits& chunk_limits() {
  static const connection_limits instance;
  return instance;
}

TEST(chunk_guard, passes_whole_units_only) {
  chunk_guard x{chunk_limits()};
  EXPECT_EQ(x.pass("5"), 0U);
  EXPECT_EQ(x.pass("5;a=b\r"), 0U);
  EXPECT_EQ(x.pass("5;a=b\r\nhe"), 9U);
  EXPECT_EQ(x.pass("llo\r"), 3U);
  EXPECT_EQ(x.pass("\r\n0\r\nX: y\r\n"), 0U);
  EXPECT_FALSE(x.done());
  EXPECT_EQ(x.pass("\r\n0\r\nX: y\r\n\r\nmore"), 13U);
  EXPECT_TRUE(x.done());
  EXPECT_FALSE(x.refused());
}

TEST(chunk_guard, passes_what_stands_before_the_byte_that_is_wrong) {
  chunk_guard x{chunk_limits()};
  EXPECT_EQ(x.pass("1\r\nab"), 4U);
  EXPECT_TRUE(x.refused());
  EXPECT_EQ(x.why().code, errc::bad_request);
}

/// Feeds a body in pieces until it is refused. @returns how much was fed
template <class F>
std::size_t feed(chunk_guard& x, F piece) {
  std::size_t fed = 0;
  std::string pending;
  while (!x.refused() && fed < 20'000'000) {
    pending += piece;
    fed += piece.size();
    pending.erase(0, x.pass(pending));
  }
  return fed;
}

TEST(chunk_guard, bounds_extensions_over_the_whole_body) {
  chunk_guard x{chunk_limits()};
  EXPECT_LT(feed(x, "1;" + std::string(3000, 'e') + "\r\nx\r\n"), 100'000U);
  EXPECT_TRUE(x.refused());
  chunk_guard y{chunk_limits()};
  feed(y, std::string{"1\r\nx\r\n"});
  EXPECT_FALSE(y.refused()) << "chunks of a byte, as of a slow producer";
}

TEST(chunk_guard, bounds_a_line) {
  chunk_guard x{chunk_limits()};
  x.pass("1;" + std::string(4094, 'e'));
  EXPECT_TRUE(x.refused());
  EXPECT_EQ(x.why().code, errc::header_too_large);
  chunk_guard zeros{chunk_limits()};
  zeros.pass(std::string(4096, '0'));
  EXPECT_TRUE(zeros.refused());
}

TEST(chunk_guard, bounds_the_trailer_section) {
  chunk_guard x{chunk_limits()};
  x.pass("0\r\nX: " + std::string(8192, 'x'));
  EXPECT_EQ(x.why().code, errc::header_too_large);
  std::string lines = "0\r\n";
  for (auto i = 0; i < 101; ++i)
    lines += "A: b\r\n";
  chunk_guard y{chunk_limits()};
  y.pass(lines);
  EXPECT_EQ(y.why().code, errc::header_too_large);
}

TEST(chunk_guard, takes_the_largest_size_and_no_larger_one) {
  chunk_guard x{chunk_limits()};
  EXPECT_EQ(x.pass("000ffffffffffffffff\r\nx"), 22U);
  EXPECT_FALSE(x.refused());
  chunk_guard y{chunk_limits()};
  y.pass("10000000000000000");
  EXPECT_TRUE(y.refused());
}

} // namespace

} // namespace troupe
