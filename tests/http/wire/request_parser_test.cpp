#include "troupe/http/around/gzip.hpp"
#include "troupe/tests/http/parse_support.hpp"

#include <random>
#include <sstream>

using namespace parse_support;

namespace {

/// Head and body of a POST.
std::string post(std::string_view fields, std::string_view body) {
  return "POST /predict HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n"
         + std::string{body};
}

errc refusal(std::string_view bytes, const connection_limits& limits) {
  auto x = parse_every_way(bytes, limits);
  EXPECT_EQ(x.last, parse_progress::broken) << x;
  return x.code;
}

TEST(request_parser, reads_a_request_without_a_body) {
  auto x = parse_every_way("GET /a?b=c HTTP/1.1\r\nHost: a:8000\r\n"
                           "x-one:  two words \r\n\r\n");
  EXPECT_EQ(x.last, parse_progress::done);
  EXPECT_EQ(x.consumed, x.given);
  EXPECT_EQ(x.text, "GET /a?b=c\nHost: a:8000\nx-one: two words\n"
                    "keep-alive\n1.1\n\n");
}

TEST(request_parser, reads_a_body_of_announced_length) {
  auto x = parse_every_way(post("Content-Length: 5\r\n", " \r\n h"));
  EXPECT_EQ(x.last, parse_progress::done);
  EXPECT_EQ(x.text, "POST /predict\nHost: a\nContent-Length: 5\n"
                    "keep-alive\n1.1\n\n \r\n h");
}

TEST(request_parser, takes_leading_zeros_of_a_length) {
  auto x = parse_every_way(post("Content-Length: 005\r\n", "hello"));
  EXPECT_EQ(x.last, parse_progress::done) << x;
}

TEST(request_parser, joins_chunks) {
  auto x = parse_every_way(post("Transfer-Encoding: CHUNKED\r\n",
                                "5;name=\"v\";b\r\nhello\r\n1\r\n,\r\n"
                                "009\r\n 0123\r\n89\r\n0\r\n\r\n"));
  EXPECT_EQ(x.last, parse_progress::done);
  EXPECT_EQ(x.consumed, x.given);
  EXPECT_EQ(x.text, "POST /predict\nHost: a\nTransfer-Encoding: CHUNKED\n"
                    "keep-alive\n1.1\n\nhello, 0123\r\n89");
}

TEST(request_parser, reads_an_empty_chunked_body) {
  auto x = parse_every_way(post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  EXPECT_EQ(x.last, parse_progress::done);
  EXPECT_TRUE(x.text.ends_with("1.1\n\n")) << x;
}

TEST(request_parser, drops_trailers_which_change_nothing) {
  auto head = "Transfer-Encoding: chunked\r\n";
  auto plain = parse(post(head, "2\r\nab\r\n0\r\n\r\n"));
  for (auto* trailer :
       {"Host: evil", "Authorization: Bearer stolen", "Connection: close",
        "X-API-Key: k", "Expect: 200-ok", "X: y\r\nZ: w"}) {
    auto x = parse_every_way(
      post(head, "2\r\nab\r\n0\r\n" + std::string{trailer} + "\r\n\r\n"));
    EXPECT_EQ(x.last, parse_progress::done) << trailer;
    EXPECT_EQ(x.text, plain.text) << trailer;
    EXPECT_EQ(x.consumed, x.given) << trailer;
  }
}

TEST(request_parser, leaves_what_was_pipelined) {
  const auto next = "GET /next HTTP/1.1\r\nHost: b\r\n\r\n"s;
  for (const auto& first :
       {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"s,
        post("Content-Length: 2\r\n", "ab"), post("Content-Length: 0\r\n", ""),
        post("Transfer-Encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n")}) {
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

TEST(request_parser, knows_that_the_client_waits_for_leave) {
  feeder f;
  f.stop_at_header = true;
  EXPECT_EQ(f.give(post("Expect: 100-Continue\r\nContent-Length: 5\r\n", "")),
            parse_progress::header_done);
  EXPECT_TRUE(f.parser.expects_continue());
  EXPECT_TRUE(f.parser.body_pending());
  EXPECT_EQ(f.parser.announced_body(), 5U);
}

TEST(request_parser, tells_what_is_announced) {
  auto announced = [](std::string_view fields) {
    feeder f;
    f.stop_at_header = true;
    EXPECT_EQ(f.give(post(fields, "")), parse_progress::header_done);
    EXPECT_EQ(f.parser.body_pending(), !fields.empty());
    return f.parser.announced_body();
  };
  EXPECT_EQ(announced(""), 0U);
  EXPECT_EQ(announced("Content-Length: 77\r\n"), 77U);
  EXPECT_EQ(announced("Transfer-Encoding: chunked\r\n"), std::nullopt);
}

TEST(request_parser, reserves_little_for_a_large_announcement) {
  feeder f;
  f.give(post("Content-Length: 18446744073709551614\r\n", "x"));
  EXPECT_EQ(f.parser.request().body, "x");
  EXPECT_LE(f.parser.request().body.capacity(), 65U * 1024);
}

TEST(request_parser, throws_a_body_away_when_told) {
  for (const auto& bytes :
       {post("Content-Length: 5\r\n", "hello"),
        post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n")}) {
    feeder f;
    f.stop_at_header = true;
    auto head = bytes.find("\r\n\r\n") + 4;
    f.give(bytes.substr(0, head));
    f.parser.discard_body();
    EXPECT_EQ(f.give(bytes.substr(head)), parse_progress::done);
    EXPECT_EQ(f.parser.request().body, "");
    EXPECT_FALSE(f.parser.body_pending());
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

TEST(request_parser, does_not_count_the_empty_line) {
  connection_limits limits;
  limits.max_header_bytes = 300;
  auto head = "GET / HTTP/1.1\r\nHost: a\r\nX: "s;
  head += std::string(300 - head.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_EQ(parse_every_way("\r\n" + head, limits).last, parse_progress::done);
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
      parse_every_way(post("Transfer-Encoding: chunked\r\n", body)).last,
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

TEST(request_parser, ignores_expectations_of_http_10) {
  // RFC 9110 sections 10.1.1 and 15.2.
  for (auto* expect : {"100-continue", "tea"}) {
    feeder f;
    f.stop_at_header = true;
    f.give("POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: "s + expect
           + "\r\n\r\n");
    EXPECT_TRUE(f.parser.header_complete()) << expect;
    EXPECT_FALSE(f.parser.expects_continue()) << expect;
  }
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
    f.give(post(fields, ""));
    return f.parser.from_page();
  };
  EXPECT_FALSE(from_page("Referer: http://a/\r\n"));
  EXPECT_TRUE(from_page("ORIGIN: null\r\n"));
  EXPECT_TRUE(from_page("sec-fetch-site: none\r\n"));
}

// -- content codings ----------------------------------------------------------

std::string chunk(std::string_view data) {
  std::ostringstream out;
  out << std::hex << data.size() << "\r\n" << data << "\r\n0\r\n\r\n";
  return out.str();
}

TEST(request_parser, decodes_a_body_and_says_nothing_of_it) {
  // RFC 9110 sections 8.4 and 8.4.1.3.
  auto packed = gzip("{\"input\":3}", 6);
  for (auto* name : {"gzip", "x-gzip", "GZIP", "identity, gzip"}) {
    auto fields = "Content-Encoding: "s + name + "\r\n";
    auto x = parse_every_way(
      post(fields + "Content-Length: " + std::to_string(packed.size()) + "\r\n",
           packed));
    EXPECT_EQ(x.last, parse_progress::done) << x;
    EXPECT_EQ(x.text, "POST /predict\nHost: a\nContent-Length: 11\n"
                      "keep-alive\n1.1\n\n{\"input\":3}");
    x = parse_every_way(
      post(fields + "Transfer-Encoding: chunked\r\n", chunk(packed)));
    EXPECT_EQ(x.text, "POST /predict\nHost: a\nTransfer-Encoding: chunked\n"
                      "keep-alive\n1.1\n\n{\"input\":3}");
  }
}

TEST(request_parser, refuses_a_body_that_is_no_gzip) {
  auto packed = gzip("{\"input\":3}", 6);
  auto damaged = packed;
  damaged[packed.size() - 6] = static_cast<char>(~damaged[packed.size() - 6]);
  for (const auto& body :
       {"{\"input\":3}"s, packed.substr(0, 15), packed + "x",
        packed + packed.substr(0, 9), damaged, packed + std::string(4, '\0')}) {
    auto x = parse_every_way(post("Content-Encoding: gzip\r\nContent-Length: "
                                    + std::to_string(body.size()) + "\r\n",
                                  body));
    EXPECT_EQ(x.last, parse_progress::broken) << x;
    EXPECT_EQ(x.code, errc::bad_request) << x;
  }
}

TEST(request_parser, bounds_what_a_body_becomes) {
  auto body = gzip(std::string(5000, 'x'), 9);
  auto code = [&](std::size_t limit) {
    feeder f;
    f.stop_at_header = true;
    f.give(post("Content-Encoding: gzip\r\nContent-Length: "
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

TEST(request_parser, leaves_codings_alone_that_it_does_not_know) {
  for (auto* name : {"br", "deflate", "gzip, gzip", "gzip, br", "zstd"}) {
    feeder f;
    f.stop_at_header = true;
    f.give(
      post("Content-Encoding: "s + name + "\r\nContent-Length: 2\r\n", ""));
    EXPECT_EQ(f.parser.body_coding(), content_coding::unsupported) << name;
  }
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

// -- limits -------------------------------------------------------------------

TEST(request_parser, bounds_the_header_section_however_it_comes) {
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

TEST(request_parser, takes_a_header_section_within_the_bound) {
  connection_limits limits;
  limits.max_header_bytes = 300;
  auto head = "GET / HTTP/1.1\r\nHost: a\r\nX: "s;
  head += std::string(300 - head.size() - 4, 'x') + "\r\n\r\n";
  EXPECT_EQ(parse_every_way(head, limits).last, parse_progress::done);
}

TEST(request_parser, bounds_the_number_of_fields) {
  connection_limits limits;
  limits.max_header_count = 3;
  const auto three = "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n"s;
  EXPECT_EQ(parse_every_way(three + "\r\n", limits).last, parse_progress::done);
  EXPECT_EQ(refusal(three + "C: 3\r\n\r\n", limits), errc::header_too_large);
}

TEST(request_parser, bounds_the_target) {
  connection_limits limits;
  limits.max_target_bytes = 10;
  EXPECT_EQ(
    parse_every_way("GET /123456789 HTTP/1.1\r\nHost: a\r\n\r\n", limits).last,
    parse_progress::done);
  EXPECT_EQ(refusal("GET /1234567890 HTTP/1.1\r\nHost: a\r\n\r\n", limits),
            errc::uri_too_long);
}

TEST(request_parser, blames_the_target_for_a_long_request_line) {
  auto x =
    parse("GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(x.last, parse_progress::broken);
  EXPECT_EQ(x.code, errc::uri_too_long);
}

TEST(request_parser, bounds_the_body) {
  for (const auto& bytes : {post("Content-Length: 6\r\n", "hello!"),
                            post("Transfer-Encoding: chunked\r\n",
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

TEST(request_parser, survives_mutations) {
  std::mt19937 random{20240229};
  const std::vector<std::string> seeds{
    "GET /a?b=c HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
    post("Content-Length: 5\r\nExpect: 100-continue\r\n", "hello"),
    post("Transfer-Encoding: chunked\r\n",
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
