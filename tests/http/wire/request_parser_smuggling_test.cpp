// What Beast lets through and a front must not (RFC 9112 section 11.2).
#include "troupe/tests/http/parse_support.hpp"

using namespace parse_support;

namespace {

struct refused_row {
  const char* name;
  std::string bytes;
  errc code;
};

std::ostream& operator<<(std::ostream& out, const refused_row& x) {
  return out << x.name;
}

std::string name_of(const ::testing::TestParamInfo<refused_row>& info) {
  return info.param.name;
}

class refused : public ::testing::TestWithParam<refused_row> {};

TEST_P(refused, however_it_is_cut) {
  auto x = parse_every_way(GetParam().bytes);
  EXPECT_EQ(x.last, parse_progress::broken) << x;
  EXPECT_EQ(x.code, GetParam().code) << x;
}

/// A POST with these fields and what could be a body of either kind.
std::string with(std::string_view fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{fields}
         + "\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
}

std::string get(std::string_view fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + std::string{fields} + "\r\n\r\n";
}

std::string line(std::string_view text) {
  return std::string{text} + "\r\nHost: a\r\n\r\n";
}

std::string chunks(std::string_view text) {
  return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
         + std::string{text};
}

constexpr auto bad = errc::bad_request;
constexpr auto unknown = errc::not_implemented;

// RFC 9112 section 6.3: what does not end with chunked, once, is 400; section
// 6.1: what is not known before it is 501.
INSTANTIATE_TEST_SUITE_P(
  transfer_encoding, refused,
  ::testing::Values(
    refused_row{"empty_then_chunked",
                with("Transfer-Encoding:\r\nTransfer-Encoding: chunked"), bad},
    refused_row{"xchunked", with("Transfer-Encoding: xchunked"), bad},
    refused_row{"chunkedx", with("Transfer-Encoding: chunkedx"), bad},
    refused_row{"quoted", with("Transfer-Encoding: \"chunked\""), bad},
    refused_row{"parameter", with("Transfer-Encoding: chunked;a=b"), bad},
    refused_row{"chunked_gzip", with("Transfer-Encoding: chunked, gzip"), bad},
    refused_row{"gzip_chunked", with("Transfer-Encoding: gzip, chunked"),
                unknown},
    refused_row{"unknown_chunked", with("Transfer-Encoding: x-y, chunked"),
                unknown},
    refused_row{"in_two_lines",
                with("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"),
                unknown},
    refused_row{"in_two_lines_chunked_first",
                with("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip"),
                bad},
    refused_row{"chunked_chunked", with("Transfer-Encoding: chunked, chunked"),
                bad},
    refused_row{"two_lines",
                with("Transfer-Encoding: chunked\r\nTransfer-Encoding: "
                     "chunked"),
                bad},
    refused_row{"gzip", with("Transfer-Encoding: gzip"), bad},
    refused_row{"identity", with("Transfer-Encoding: identity"), bad},
    refused_row{"comma_chunked", with("Transfer-Encoding: ,chunked"), bad},
    refused_row{"chunked_comma", with("Transfer-Encoding: chunked,"), bad},
    refused_row{"empty", with("Transfer-Encoding:"), bad},
    refused_row{"gzip_then_length",
                with("Transfer-Encoding: gzip\r\nContent-Length: 5"), bad},
    refused_row{"identity_then_length",
                with("Transfer-Encoding: identity\r\nContent-Length: 5"), bad},
    refused_row{"chunked_then_length",
                with("Transfer-Encoding: chunked\r\nContent-Length: 5"), bad},
    refused_row{"length_then_chunked",
                with("Content-Length: 5\r\nTransfer-Encoding: chunked"), bad},
    refused_row{"in_http_10",
                "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked"
                "\r\n\r\n0\r\n\r\n",
                bad},
    refused_row{"folded", with("Transfer-Encoding:\r\n chunked"), bad},
    refused_row{"folded_by_tab", with("Transfer-Encoding:\r\n\tchunked"), bad}),
  name_of);

INSTANTIATE_TEST_SUITE_P(
  content_length, refused,
  ::testing::Values(
    refused_row{"two_equal", with("Content-Length: 5\r\nContent-Length: 5"),
                bad},
    refused_row{"two_different", with("Content-Length: 5\r\nContent-Length: 6"),
                bad},
    refused_row{"list", with("Content-Length: 5, 5"), bad},
    refused_row{"plus", with("Content-Length: +5"), bad},
    refused_row{"minus", with("Content-Length: -1"), bad},
    refused_row{"hexadecimal", with("Content-Length: 0x5"), bad},
    refused_row{"with_a_space", with("Content-Length: 5 5"), bad},
    refused_row{"fraction", with("Content-Length: 5.0"), bad},
    refused_row{"empty", with("Content-Length:"), bad},
    refused_row{"overflow", with("Content-Length: 18446744073709551616"), bad},
    refused_row{"folded", with("Content-Length:\r\n 5"), bad}),
  name_of);

INSTANTIATE_TEST_SUITE_P(
  host, refused,
  ::testing::Values(refused_row{"missing", "GET / HTTP/1.1\r\n\r\n", bad},
                    refused_row{"two_equal", get("Host: a"), bad},
                    refused_row{"two_different", get("Host: b"), bad},
                    refused_row{"two_in_http_10",
                                "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
                                bad},
                    refused_row{"one_in_http_10_that_is_none",
                                "GET / HTTP/1.0\r\nHost: ]\r\n\r\n", bad},
                    refused_row{"absolute_form_and_no_host",
                                "GET http://a/ HTTP/1.1\r\n\r\n", bad},
                    refused_row{"absolute_form_and_a_bad_host",
                                "GET http://a/ HTTP/1.1\r\nHost: ]][[\r\n\r\n",
                                bad},
                    refused_row{"absolute_form_with_a_user",
                                line("GET http://u@a/ HTTP/1.1"), bad},
                    refused_row{"absolute_form_without_a_host",
                                line("GET http:///x HTTP/1.1"), bad},
                    refused_row{"absolute_form_with_a_bad_port",
                                line("GET http://a:b/ HTTP/1.1"), bad}),
  name_of);

TEST(request_parser, refuses_a_malformed_host) {
  for (auto* host :
       {"",     "]][[",    "[::1", "[::1]x",       "::1",       "a:1:2",
        "a:x",  "a:99999", ":80",  "%zz",          "a b",       "a/b",
        "u@a",  "a?b",     "a#b",  "[::1%25eth0]", "[1.2.3.4]", "\xc3\xa4",
        "a\\b", "<a>"}) {
    auto x = parse_every_way("GET / HTTP/1.1\r\nHost: "s + host + "\r\n\r\n");
    EXPECT_EQ(x.last, parse_progress::broken) << host;
    EXPECT_TRUE(x.text.starts_with("400 ")) << host << x;
  }
}

INSTANTIATE_TEST_SUITE_P(
  fields, refused,
  ::testing::Values(
    refused_row{"folded", get("X: a\r\n b"), bad},
    refused_row{"folded_first",
                "GET / HTTP/1.1\r\nX: a\r\n b\r\nHost: a\r\n\r\n", bad},
    refused_row{"folded_to_nothing", get("X: a\r\n "), bad},
    refused_row{"line_that_begins_with_a_space",
                "GET / HTTP/1.1\r\n Host: a\r\n\r\n", bad},
    refused_row{"space_before_colon", get("X : a"), bad},
    refused_row{"no_colon", get("X"), bad},
    refused_row{"no_name", get(": a"), bad},
    refused_row{"bare_lf", "GET / HTTP/1.1\nHost: a\n\n\r\n\r\n", bad},
    refused_row{"bare_lf_in_a_field", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
                bad},
    refused_row{"bare_cr", get("X: a\rb"), bad},
    refused_row{"nul", get("X: a\0b"s), bad},
    refused_row{"vertical_tab", get("X: a\vb"), bad},
    refused_row{"delete_character", get("X: a\x7f"), bad},
    refused_row{"name_not_ascii", get("\xc3\xa4: a"), bad}),
  name_of);

INSTANTIATE_TEST_SUITE_P(
  request_line, refused,
  ::testing::Values(
    refused_row{"unknown_method", line("BREW / HTTP/1.1"), unknown},
    refused_row{"lower_case_method", line("get / HTTP/1.1"), unknown},
    refused_row{"connect", line("CONNECT a:1 HTTP/1.1"), unknown},
    refused_row{"trace", line("TRACE / HTTP/1.1"), unknown},
    refused_row{"target_not_ascii", line("GET /\xc3\xa4 HTTP/1.1"), bad},
    refused_row{"target_with_a_space", line("GET /a b HTTP/1.1"), bad},
    refused_row{"target_with_a_tab", line("GET /a\tb HTTP/1.1"), bad},
    refused_row{"no_target", line("GET HTTP/1.1"), bad},
    refused_row{"two_spaces", line("GET  / HTTP/1.1"), bad},
    refused_row{"leading_space", line(" GET / HTTP/1.1"), bad},
    refused_row{"http_09", "GET /\r\n\r\n", bad},
    refused_row{"http_09_with_a_space", "GET / \r\n\r\n", bad},
    refused_row{"http_09_and_lf", "GET /\n\n", bad},
    refused_row{"http_20", line("GET / HTTP/2.0"), unknown},
    refused_row{"http_09_spelt_out", line("GET / HTTP/0.9"), unknown},
    refused_row{"no_minor_version", line("GET / HTTP/1"), bad},
    refused_row{"two_minor_digits", line("GET / HTTP/1.10"), bad},
    refused_row{"space_after_the_version", line("GET / HTTP/1.1 "), bad},
    refused_row{"bare_lf_after_the_version", "GET / HTTP/1.1\nHost: a\r\n\r\n",
                bad},
    refused_row{"asterisk", line("GET * HTTP/1.1"), bad},
    refused_row{"posted_asterisk", line("POST * HTTP/1.1"), bad},
    refused_row{"long_method", line(std::string(100'000, 'A') + " / HTTP/1.1"),
                unknown},
    refused_row{"two_empty_lines", "\r\n\r\n" + line("GET / HTTP/1.1"), bad},
    refused_row{"an_empty_line_of_lf", "\n" + line("GET / HTTP/1.1"), bad},
    refused_row{"an_empty_line_of_cr", "\r" + line("GET / HTTP/1.1"), bad},
    refused_row{"http_011", line("GET / HTTP/01.1"), bad},
    refused_row{"lower_case_http", line("GET / http/1.1"), bad},
    refused_row{"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", unknown},
    refused_row{"tls_hello", "\x16\x03\x01\x02\x00\x01"s, bad}),
  name_of);

INSTANTIATE_TEST_SUITE_P(
  expect, refused,
  ::testing::Values(refused_row{"something_else", get("Expect: 200-ok"),
                                errc::expectation_failed},
                    refused_row{"more_than_one", get("Expect: 100-continue, x"),
                                errc::expectation_failed}),
  name_of);

INSTANTIATE_TEST_SUITE_P(
  chunk, refused,
  ::testing::Values(
    refused_row{"prefix", chunks("0x5\r\nhello\r\n0\r\n\r\n"), bad},
    refused_row{"plus", chunks("+5\r\nhello\r\n0\r\n\r\n"), bad},
    refused_row{"minus", chunks("-1\r\nhello\r\n0\r\n\r\n"), bad},
    refused_row{"space_before", chunks(" 5\r\nhello\r\n0\r\n\r\n"), bad},
    refused_row{"space_after", chunks("5 \r\nhello\r\n0\r\n\r\n"), bad},
    refused_row{"no_digit", chunks("g\r\nhello\r\n0\r\n\r\n"), bad},
    refused_row{"nothing", chunks("\r\nhello\r\n0\r\n\r\n"), bad},
    refused_row{"overflow", chunks("10000000000000000\r\nx\r\n0\r\n\r\n"), bad},
    refused_row{"bare_lf", chunks("5\nhello\n0\n\n\r\n\r\n"), bad},
    refused_row{"last_chunk_and_bare_lf", chunks("0\r\n\n"), bad},
    refused_row{"last_chunk_and_bare_cr", chunks("0\r\n\rx"), bad},
    refused_row{"size_and_bare_cr", chunks("5\rhello"), bad},
    refused_row{"data_and_bare_lf", chunks("5\r\nhello\n0\r\n\r\n"), bad},
    refused_row{"extension_and_bare_lf", chunks("5;a\nhello\r\n"), bad},
    refused_row{"nul_in_an_extension", chunks("5;a\0\r\n"s), bad},
    refused_row{"extension_without_a_name", chunks("5;=b\r\nhello\r\n"), bad},
    refused_row{"folded_trailer", chunks("0\r\nX: a\r\n b\r\n\r\n"), bad},
    refused_row{"trailer_without_a_colon", chunks("0\r\nX\r\n\r\n"), bad},
    refused_row{"overflow_by_a_lot",
                chunks(std::string(40, 'f') + "\r\nx\r\n0\r\n\r\n"), bad},
    refused_row{"spilled", chunks("5\r\nhello!\r\n0\r\n\r\n"), bad},
    refused_row{"short", chunks("5\r\nhell\r\n0\r\n\r\n"), bad},
    refused_row{"length_as_trailer", chunks("0\r\nContent-Length: 5\r\n\r\n"),
                bad},
    refused_row{"coding_as_trailer",
                chunks("0\r\nTransfer-Encoding: chunked\r\n\r\n"), bad}),
  name_of);

TEST(request_parser, takes_unusual_hosts_that_are_valid) {
  for (auto* host : {"[::1]:8000", "127.0.0.1", "a-b.c_d~e", "%41",
                     "a:", "a:0080", "[v1.a:b]", "[::ffff:1.2.3.4]:1"}) {
    auto x = parse_every_way("GET / HTTP/1.1\r\nHost: "s + host + "\r\n\r\n");
    EXPECT_EQ(x.last, parse_progress::done) << host;
  }
}

TEST(request_parser, takes_the_coding_in_any_case_and_with_blanks) {
  for (auto* value : {"chunked", "Chunked", " \t chunked \t"}) {
    auto x = parse_every_way("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:"s
                             + value + "\r\n\r\n1\r\na\r\n0\r\n\r\n");
    EXPECT_EQ(x.last, parse_progress::done) << value;
    EXPECT_TRUE(x.text.ends_with("\n\na")) << value;
  }
}

TEST(request_parser, refuses_with_a_text_for_the_client) {
  feeder f;
  f.give(with("Transfer-Encoding: gzip, chunked"));
  EXPECT_EQ(f.parser.error().effective_status(), 501);
  EXPECT_EQ(f.parser.error().effective_detail(),
            "Transfer-Encoding: only \"chunked\" is supported; "
            "Content-Encoding may be gzip");
}

} // namespace
