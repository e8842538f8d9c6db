// Bodies: announced, in chunks, coded.
#include "troupe/http/around/gzip.hpp"
#include "troupe/tests/http/parse_support.hpp"

#include <sstream>

using namespace parse_support;

namespace {

TEST(request_parser_body, reads_a_body_of_announced_length) {
  auto x = parse_every_way(post_bytes("Content-Length: 5\r\n", " \r\n h"));
  EXPECT_EQ(x.last, parse_progress::done);
  EXPECT_EQ(x.text, "POST /predict\nHost: a\nContent-Length: 5\n"
                    "keep-alive\n1.1\n\n \r\n h");
}

TEST(request_parser_body, takes_leading_zeros_of_a_length) {
  auto x = parse_every_way(post_bytes("Content-Length: 005\r\n", "hello"));
  EXPECT_EQ(x.last, parse_progress::done) << x;
}

TEST(request_parser_body, joins_chunks) {
  auto x = parse_every_way(post_bytes("Transfer-Encoding: CHUNKED\r\n",
                                      "5;name=\"v\";b\r\nhello\r\n1\r\n,\r\n"
                                      "009\r\n 0123\r\n89\r\n0\r\n\r\n"));
  EXPECT_EQ(x.last, parse_progress::done);
  EXPECT_EQ(x.consumed, x.given);
  EXPECT_EQ(x.text, "POST /predict\nHost: a\nTransfer-Encoding: CHUNKED\n"
                    "keep-alive\n1.1\n\nhello, 0123\r\n89");
}

TEST(request_parser_body, reads_an_empty_chunked_body) {
  auto x =
    parse_every_way(post_bytes("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"));
  EXPECT_EQ(x.last, parse_progress::done);
  EXPECT_TRUE(x.text.ends_with("1.1\n\n")) << x;
}

TEST(request_parser_body, drops_trailers_which_change_nothing) {
  auto head = "Transfer-Encoding: chunked\r\n";
  auto plain = parse(post_bytes(head, "2\r\nab\r\n0\r\n\r\n"));
  for (auto* trailer :
       {"Host: evil", "Authorization: Bearer stolen", "Connection: close",
        "X-API-Key: k", "Expect: 200-ok", "X: y\r\nZ: w"}) {
    auto x = parse_every_way(
      post_bytes(head, "2\r\nab\r\n0\r\n" + std::string{trailer} + "\r\n\r\n"));
    EXPECT_EQ(x.last, parse_progress::done) << trailer;
    EXPECT_EQ(x.text, plain.text) << trailer;
    EXPECT_EQ(x.consumed, x.given) << trailer;
  }
}

TEST(request_parser_body, knows_that_the_client_waits_for_leave) {
  feeder f;
  f.stop_at_header = true;
  EXPECT_EQ(
    f.give(post_bytes("Expect: 100-Continue\r\nContent-Length: 5\r\n", "")),
    parse_progress::header_done);
  EXPECT_TRUE(f.parser.expects_continue());
  EXPECT_TRUE(f.parser.body_pending());
  EXPECT_EQ(f.parser.announced_body(), 5U);
}

TEST(request_parser_body, tells_what_is_announced) {
  auto announced = [](std::string_view fields) {
    feeder f;
    f.stop_at_header = true;
    EXPECT_EQ(f.give(post_bytes(fields, "")), parse_progress::header_done);
    EXPECT_EQ(f.parser.body_pending(), !fields.empty());
    return f.parser.announced_body();
  };
  EXPECT_EQ(announced(""), 0U);
  EXPECT_EQ(announced("Content-Length: 77\r\n"), 77U);
  EXPECT_EQ(announced("Transfer-Encoding: chunked\r\n"), std::nullopt);
}

TEST(request_parser_body, throws_a_body_away_when_told) {
  for (const auto& bytes : {post_bytes("Content-Length: 5\r\n", "hello"),
                            post_bytes("Transfer-Encoding: chunked\r\n",
                                       "5\r\nhello\r\n0\r\n\r\n")}) {
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

TEST(request_parser_body, ignores_expectations_of_http_10) {
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

std::string chunk(std::string_view data) {
  std::ostringstream out;
  out << std::hex << data.size() << "\r\n" << data << "\r\n0\r\n\r\n";
  return out.str();
}

TEST(request_parser_body, decodes_a_body_and_says_nothing_of_it) {
  // RFC 9110 sections 8.4 and 8.4.1.3.
  auto packed = gzip("{\"input\":3}", 6);
  for (auto* name : {"gzip", "x-gzip", "GZIP", "identity, gzip"}) {
    auto fields = "Content-Encoding: "s + name + "\r\n";
    auto x = parse_every_way(post_bytes(
      fields + "Content-Length: " + std::to_string(packed.size()) + "\r\n",
      packed));
    EXPECT_EQ(x.last, parse_progress::done) << x;
    EXPECT_EQ(x.text, "POST /predict\nHost: a\nContent-Length: 11\n"
                      "keep-alive\n1.1\n\n{\"input\":3}");
    x = parse_every_way(
      post_bytes(fields + "Transfer-Encoding: chunked\r\n", chunk(packed)));
    EXPECT_EQ(x.text, "POST /predict\nHost: a\nTransfer-Encoding: chunked\n"
                      "keep-alive\n1.1\n\n{\"input\":3}");
  }
}

TEST(request_parser_body, refuses_a_body_that_is_not_gzip) {
  auto packed = gzip("{\"input\":3}", 6);
  auto damaged = packed;
  damaged[packed.size() - 6] = static_cast<char>(~damaged[packed.size() - 6]);
  for (const auto& body :
       {"{\"input\":3}"s, packed.substr(0, 15), packed + "x",
        packed + packed.substr(0, 9), damaged, packed + std::string(4, '\0')}) {
    auto x =
      parse_every_way(post_bytes("Content-Encoding: gzip\r\nContent-Length: "
                                   + std::to_string(body.size()) + "\r\n",
                                 body));
    EXPECT_EQ(x.last, parse_progress::broken) << x;
    EXPECT_EQ(x.code, errc::bad_request) << x;
  }
}

TEST(request_parser_body, leaves_codings_alone_that_it_does_not_know) {
  for (auto* name : {"br", "deflate", "gzip, gzip", "gzip, br", "zstd"}) {
    feeder f;
    f.stop_at_header = true;
    f.give(post_bytes(
      "Content-Encoding: "s + name + "\r\nContent-Length: 2\r\n", ""));
    EXPECT_EQ(f.parser.body_coding(), content_coding::unsupported) << name;
  }
}

} // namespace
