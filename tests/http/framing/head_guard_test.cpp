// Its tables are those of request_parser, which cuts them in every way.
#include "troupe/http/framing/head_guard.hpp"

#include <gtest/gtest.h>

#include <string>

namespace troupe {

namespace {

using verdict = head_guard::verdict;

const connection_limits& head_limits() {
  static const connection_limits instance;
  return instance;
}

TEST(head_guard, tells_the_size_of_a_section) {
  head_guard x{head_limits()};
  std::string text = "GET /ab HTTP/1.4\r\nHost: a\r\n\r\n";
  EXPECT_EQ(x.look(text + "more"), verdict::done);
  EXPECT_EQ(x.size(), text.size());
  EXPECT_EQ(x.minor_version(), 4);
  EXPECT_EQ(text[x.minor_version_at()], '4');
}

TEST(head_guard, looks_at_each_byte_once) {
  head_guard x{head_limits()};
  std::string text = "GET / HTTP/1.1\r\n\r\n";
  for (std::size_t i = 0; i <= 10; ++i)
    EXPECT_EQ(x.look(text.substr(0, i)), verdict::more);
  text.replace(0, 10, 10, '\0');
  EXPECT_EQ(x.look(text), verdict::done);
}

TEST(head_guard, has_an_empty_line_dropped) {
  head_guard x{head_limits()};
  EXPECT_FALSE(x.started());
  EXPECT_EQ(x.look("\r\nGET"), verdict::empty_line);
  EXPECT_FALSE(x.started());
  EXPECT_EQ(x.look("GET"), verdict::more);
  EXPECT_TRUE(x.started());
}

TEST(head_guard, says_what_is_wrong) {
  head_guard x{head_limits()};
  EXPECT_EQ(x.look("\x16\x03\x01"), verdict::refused);
  EXPECT_EQ(x.why().effective_detail(),
            "This port speaks plain HTTP, not TLS; use http://");
}

} // namespace

} // namespace troupe
