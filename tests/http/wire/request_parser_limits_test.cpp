// What a parser takes at most.
#include "troupe/http/around/gzip.hpp"
#include "troupe/tests/http/parse_support.hpp"

using namespace parse_support;

namespace {

errc refusal(std::string_view bytes, const connection_limits& limits) {
  auto x = parse_every_way(bytes, limits);
  EXPECT_EQ(x.last, parse_progress::broken) << x;
  return x.code;
}

TEST(request_parser_limits, reserves_little_for_a_large_announcement) {
  feeder f;
  f.give(post_bytes("Content-Length: 18446744073709551614\r\n", "x"));
  EXPECT_EQ(f.parser.request().body, "x");
  EXPECT_LE(f.parser.request().body.capacity(), 65U * 1024);
}

TEST(request_parser_limits, does_not_count_the_empty_line) {
  connection_limits limits;
  limits.max_header_bytes = 300;
  auto head = "GET / HTTP/1.1\r\nHost: a\r\nX: "s;
  head += std::string(300 - head.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_EQ(parse_every_way("\r\n" + head, limits).last, parse_progress::done);
}

TEST(request_parser_limits, bounds_what_a_body_becomes) {
  auto body = gzip(std::string(5000, 'x'), 9);
  auto code = [&](std::size_t limit) {
    feeder f;
    f.stop_at_header = true;
    f.give(post_bytes("Content-Encoding: gzip\r\nContent-Length: "
                        + std::to_string(body.size()) + "\r\n",
                      ""));
    f.parser.limit_body(limit);
    return f.give(body) == parse_progress::done
             ? 0
             : f.parser.error().effective_status();
  };
  EXPECT_EQ(code(5000), 0);
  EXPECT_EQ(code(4999), 413);
}

TEST(request_parser_limits, bounds_the_header_section_however_it_comes) {
  connection_limits limits;
  limits.max_header_bytes = 300;
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 40; ++i)
    head += "X-Field-" + std::to_string(i) + ": 0123456789\r\n";
  EXPECT_EQ(refusal(head + "\r\n", limits), errc::header_too_large);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(400, 'x')
                      + "\r\n\r\n",
                    limits),
            errc::header_too_large);
}

TEST(request_parser_limits, takes_a_header_section_within_the_bound) {
  connection_limits limits;
  limits.max_header_bytes = 300;
  auto head = "GET / HTTP/1.1\r\nHost: a\r\nX: "s;
  head += std::string(300 - head.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_EQ(parse_every_way(head, limits).last, parse_progress::done);
}

TEST(request_parser_limits, bounds_the_number_of_fields) {
  connection_limits limits;
  limits.max_header_count = 3;
  const auto three = "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n"s;
  EXPECT_EQ(parse_every_way(three + "\r\n", limits).last, parse_progress::done);
  EXPECT_EQ(refusal(three + "C: 3\r\n\r\n", limits), errc::header_too_large);
}

TEST(request_parser_limits, bounds_the_target) {
  connection_limits limits;
  limits.max_target_bytes = 10;
  EXPECT_EQ(
    parse_every_way("GET /123456789 HTTP/1.1\r\nHost: a\r\n\r\n", limits).last,
    parse_progress::done);
  EXPECT_EQ(refusal("GET /1234567890 HTTP/1.1\r\nHost: a\r\n\r\n", limits),
            errc::uri_too_long);
}

TEST(request_parser_limits, blames_the_target_for_a_long_request_line) {
  auto x =
    parse("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(x.last, parse_progress::broken);
  EXPECT_EQ(x.code, errc::uri_too_long);
}

TEST(request_parser_limits, bounds_the_body) {
  for (const auto& bytes : {post_bytes("Content-Length: 6\r\n", "hello!"),
                            post_bytes("Transfer-Encoding: chunked\r\n",
                                       "3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n")}) {
    for (auto [limit, expected] : {std::pair{5U, parse_progress::broken},
                                   std::pair{6U, parse_progress::done}}) {
      feeder f;
      f.stop_at_header = true;
      auto head = bytes.find("\r\n\r\n") + 4;
      ASSERT_EQ(f.give(bytes.substr(0, head)), parse_progress::header_done);
      f.parser.limit_body(limit);
      EXPECT_EQ(f.give(bytes.substr(head)), expected) << bytes;
      if (expected == parse_progress::broken) {
        EXPECT_EQ(f.parser.error().code, errc::payload_too_large);
      }
    }
  }
}

} // namespace
