#include "troupe/tests/http/parse_support.hpp"

#include <random>

using namespace parse_support;

namespace {

TEST(request_parser, reads_a_request_without_a_body) {
  auto x = parse_every_way("GET /a?b=c HTTP/1.1\r\nHost: a:8000\r\n"
                           "x-one:  two words \r\n\r\n");
  EXPECT_EQ(x.last, parse_progress::done);
  EXPECT_EQ(x.consumed, x.given);
  EXPECT_EQ(x.text, "GET /a?b=c\nHost: a:8000\nx-one: two words\n"
                    "keep-alive\n1.1\n\n");
}

TEST(request_parser, leaves_what_was_pipelined) {
  const auto next = "GET /next HTTP/1.1\r\nHost: b\r\n\r\n"s;
  for (const auto& first :
       {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"s,
        post_bytes("Content-Length: 2\r\n", "ab"),
        post_bytes("Content-Length: 0\r\n", ""),
        post_bytes("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n")}) {
    auto x = parse_every_way(first + next);
    EXPECT_EQ(x.last, parse_progress::done) << first;
    EXPECT_EQ(x.consumed, first.size()) << first;
    EXPECT_EQ(x.text, parse(first).text);
  }
}

TEST(request_parser, knows_whether_the_connection_lives_on) {
  struct row {
    const char* text;
    bool keep_alive;
  };
  for (auto [text, keep_alive] :
       {row{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        row{"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
        row{"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", false},
        row{"GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
            true},
        row{"GET / HTTP/1.0\r\n\r\n", false},
        row{"GET / HTTP/1.0\r\nHost: a\r\n\r\n", false},
        row{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true}}) {
    feeder f;
    EXPECT_EQ(f.give(text), parse_progress::done) << text;
    EXPECT_EQ(f.parser.keep_alive(), keep_alive) << text;
  }
}

TEST(request_parser, ignores_one_empty_line_before_a_request) {
  // RFC 9112 section 2.2.
  const auto request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"s;
  auto x = parse_every_way("\r\n" + request);
  EXPECT_EQ(x.last, parse_progress::done) << x;
  EXPECT_EQ(x.text, parse(request).text);
  EXPECT_EQ(x.consumed, request.size() + 2);
  feeder f;
  f.give("\r\n");
  EXPECT_FALSE(f.parser.started());
}

TEST(request_parser, serves_later_minor_versions_as_1_1) {
  // RFC 9110 section 2.5.
  for (auto* version : {"1.2", "1.9"}) {
    auto x = parse_every_way("POST /a HTTP/"s + version
                             + "\r\nHost: a\r\nTransfer-Encoding: chunked"
                               "\r\n\r\n1\r\na\r\n0\r\n\r\n");
    EXPECT_EQ(x.last, parse_progress::done) << version;
    EXPECT_NE(x.text.find("keep-alive\n1.1\n"), std::string::npos) << x;
  }
}

TEST(request_parser, says_that_other_major_versions_are_not_served) {
  // RFC 9110 section 15.6.6.
  for (auto* bytes : {"GET / HTTP/2.0\r\n", "GET / HTTP/0.9\r\n",
                      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"})
    EXPECT_TRUE(parse_every_way(bytes).text.starts_with("505 ")) << bytes;
}

TEST(request_parser, does_not_wait_for_more_than_the_byte_that_is_wrong) {
  for (auto* bytes :
       {"GET / \r", "GET /\r", "GET / HTTP/1.1\n",
        "GET / HTTP/1.1\r\nHost: a\n", "GET / HTTP/1.1\r\nHost: a\r\n ", "\n",
        "\r\n\r", "GET / HTTP/1.1\rH", "GET / HTTP/3", "\x16"}) {
    std::string text{bytes};
    if (text == "GET / HTTP/3")
      text += ".0";
    EXPECT_EQ(parse_every_way(text).last, parse_progress::broken) << text;
    text.pop_back();
    EXPECT_EQ(parse_every_way(text).last, parse_progress::need_more) << text;
  }
  for (auto* body : {"0\r\n\n", "5\n", "1\r\naa", "1;\n", "x"})
    EXPECT_EQ(
      parse_every_way(post_bytes("Transfer-Encoding: chunked\r\n", body)).last,
      parse_progress::broken)
      << body;
}

TEST(request_parser, lets_an_absolute_target_say_the_host) {
  // RFC 9112 section 3.2.2.
  auto x = parse_every_way("GET http://b:81/c?d HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(x.last, parse_progress::done) << x;
  EXPECT_EQ(x.text, "GET http://b:81/c?d\nHost: b:81\nkeep-alive\n1.1\n\n");
}

TEST(request_parser, takes_the_asterisk_of_options) {
  EXPECT_EQ(parse_every_way("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").last,
            parse_progress::done);
}

TEST(request_parser, keeps_the_whole_fields_of_a_refused_section) {
  for (auto* bytes :
       {"GET / HTTP/1.1\r\nOrigin: http://a\r\nHost: b\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nOrigin: http://a\r\nExpect: x\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nExpect: x\r\nHost: b\r\nOrigin: http://a\r\n\r\n",
        "BREW / HTTP/1.1\r\nHost: b\r\nOrigin:http://a \r\n\r\n"})
    EXPECT_NE(parse_every_way(bytes).text.find("Origin: http://a\n"),
              std::string::npos)
      << bytes;
}

TEST(request_parser, sees_that_a_page_asks) {
  auto from_page = [](std::string_view fields) {
    feeder f;
    f.give(post_bytes(fields, ""));
    return f.parser.from_page();
  };
  EXPECT_FALSE(from_page("Referer: http://a/\r\n"));
  EXPECT_TRUE(from_page("ORIGIN: null\r\n"));
  EXPECT_TRUE(from_page("sec-fetch-site: none\r\n"));
}

TEST(request_parser, has_started_with_the_first_byte) {
  feeder f;
  EXPECT_FALSE(f.parser.started());
  EXPECT_FALSE(f.parser.header_complete());
  EXPECT_EQ(f.give("G"), parse_progress::need_more);
  EXPECT_TRUE(f.parser.started());
  EXPECT_FALSE(f.parser.header_complete());
}

TEST(request_parser, stays_broken) {
  feeder f;
  f.give("nonsense\r\n\r\n");
  std::size_t n = 7;
  EXPECT_EQ(f.parser.put("GET / HTTP/1.1\r\nHost: a\r\n\r\n", n),
            parse_progress::broken);
  EXPECT_EQ(n, 0U);
}

TEST(request_parser, survives_mutations) {
  std::mt19937 random{20240229};
  const std::vector<std::string> seeds{
    "GET /a?b=c HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
    post_bytes("Content-Length: 5\r\nExpect: 100-continue\r\n", "hello"),
    post_bytes("Transfer-Encoding: chunked\r\n",
               "5;a=b\r\nhello\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n")};
  const std::string spice = "\r\n\t :;,0aZ\x7f\xff"s + '\0';
  auto ended = 0;
  for (int round = 0; round < 2000; ++round) {
    auto bytes = seeds[random() % seeds.size()];
    for (auto n = random() % 4 + 1; n > 0; --n) {
      auto at = random() % bytes.size();
      auto c = spice[random() % spice.size()];
      switch (random() % 4) {
        case 0:
          bytes[at] = c;
          break;
        case 1:
          bytes.insert(at, 1, c);
          break;
        case 2:
          bytes.erase(at, random() % 5 + 1);
          break;
        default:
          bytes.insert(at, bytes.substr(random() % bytes.size(), 9));
      }
      if (bytes.empty())
        bytes.push_back('x');
    }
    auto cut = random() % bytes.size();
    feeder f;
    f.give(std::string_view{bytes}.substr(0, cut));
    f.give(std::string_view{bytes}.substr(cut));
    auto x = f.result();
    ASSERT_LE(x.consumed, bytes.size()) << bytes;
    // What has come so far of a body may be taken in other pieces.
    auto whole = parse(bytes);
    ASSERT_EQ(x.last, whole.last) << "cut at " << cut << ": " << bytes;
    ASSERT_EQ(x.code, whole.code) << "cut at " << cut << ": " << bytes;
    ASSERT_EQ(x.text, whole.text) << "cut at " << cut << ": " << bytes;
    ended += x.last != parse_progress::need_more ? 1 : 0;
  }
  EXPECT_GT(ended, 1000);
}

} // namespace
