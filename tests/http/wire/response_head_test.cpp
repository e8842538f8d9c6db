#include "troupe/http/wire/response_head.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

/// A head without anything that the case does not need.
std::string render(response_head head) {
  head.date = "D";
  std::string result;
  append_head(result, head);
  return result;
}

TEST(response_head, says_what_every_answer_says) {
  response_head head;
  head.content_type = "text/plain";
  head.content_length = 1234567890123;
  head.request_id = "id-1";
  EXPECT_EQ(render(head), "HTTP/1.1 200 OK\r\nDate: D\r\nServer: troupe\r\n"
                          "X-Content-Type-Options: nosniff\r\n"
                          "Content-Type: text/plain\r\nX-Request-Id: id-1\r\n"
                          "Content-Length: 1234567890123\r\n\r\n");
}

TEST(response_head, is_appended) {
  std::string out = "before|";
  append_head(out, {});
  EXPECT_TRUE(out.starts_with("before|HTTP/1.1 200 OK\r\n"));
}

TEST(response_head, names_the_status) {
  struct row {
    int status;
    const char* line;
  };
  for (auto [status, line] :
       {row{201, "HTTP/1.1 201 Created\r\n"},
        row{404, "HTTP/1.1 404 Not Found\r\n"},
        row{417, "HTTP/1.1 417 Expectation Failed\r\n"},
        row{422, "HTTP/1.1 422 Unprocessable Content\r\n"},
        row{431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
        row{503, "HTTP/1.1 503 Service Unavailable\r\n"},
        row{504, "HTTP/1.1 504 Gateway Timeout\r\n"},
        row{505, "HTTP/1.1 505 HTTP Version Not Supported\r\n"},
        row{507, "HTTP/1.1 507 Insufficient Storage\r\n"},
        row{599, "HTTP/1.1 599 \r\n"}}) {
    response_head head;
    head.status = status;
    EXPECT_TRUE(render(head).starts_with(line)) << render(head);
  }
  EXPECT_EQ(reason_phrase(299), "");
}

TEST(response_head, tells_the_end_of_the_body) {
  auto with = [](body_framing framing) {
    response_head head;
    head.framing = framing;
    head.content_length = 7;
    auto text = render(head);
    return text.substr(text.find("nosniff\r\n") + 9);
  };
  EXPECT_EQ(with(body_framing::length), "Content-Length: 7\r\n\r\n");
  EXPECT_EQ(with(body_framing::chunked), "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(with(body_framing::close), "\r\n");
  EXPECT_EQ(with(body_framing::none), "\r\n");
}

TEST(response_head, tells_the_end_of_the_connection) {
  auto with = [](bool keep_alive, bool http_11) {
    response_head head;
    head.framing = body_framing::none;
    head.keep_alive = keep_alive;
    head.http_11 = http_11;
    auto text = render(head);
    return text.substr(text.find("nosniff\r\n") + 9);
  };
  EXPECT_EQ(with(true, true), "\r\n");
  EXPECT_EQ(with(false, true), "Connection: close\r\n\r\n");
  EXPECT_EQ(with(false, false), "Connection: close\r\n\r\n");
  EXPECT_EQ(with(true, false), "Connection: keep-alive\r\n\r\n");
}

TEST(response_head, keeps_the_owners_fields) {
  header_map fields{{"X-One", "1"}, {"Retry-After", "2"}, {"x-one", "again"}};
  response_head head;
  head.framing = body_framing::none;
  head.headers = &fields;
  EXPECT_EQ(render(head), "HTTP/1.1 200 OK\r\nDate: D\r\nServer: troupe\r\n"
                          "X-Content-Type-Options: nosniff\r\nX-One: 1\r\n"
                          "Retry-After: 2\r\nx-one: again\r\n\r\n");
}

TEST(response_head, lets_nobody_else_frame_the_message) {
  header_map fields{{"connection", "keep-alive"},
                    {"Content-Length", "99"},
                    {"DATE", "x"},
                    {"Keep-Alive", "timeout=5"},
                    {"Server", "other"},
                    {"Trailer", "X"},
                    {"Upgrade", "h2c"},
                    {"transfer-ENCODING", "gzip"}};
  response_head head;
  head.headers = &fields;
  EXPECT_EQ(render(head), "HTTP/1.1 200 OK\r\nDate: D\r\nServer: troupe\r\n"
                          "X-Content-Type-Options: nosniff\r\n"
                          "Content-Length: 0\r\n\r\n");
}

TEST(response_head, drops_fields_that_would_garble_the_message) {
  header_map fields{{"X-A", "a\r\nX-Evil: 1"},
                    {"X-B", "b\nX-Evil: 1"},
                    {"X-C", std::string_view{"c\0d", 3}},
                    {"X-D\r\nX-Evil", "1"},
                    {"X E", "1"},
                    {"X:F", "1"},
                    {"", "1"},
                    {"X-Good", "a\tb \xc3\xa4"}};
  response_head head;
  head.framing = body_framing::none;
  head.headers = &fields;
  EXPECT_EQ(render(head), "HTTP/1.1 200 OK\r\nDate: D\r\nServer: troupe\r\n"
                          "X-Content-Type-Options: nosniff\r\n"
                          "X-Good: a\tb \xc3\xa4\r\n\r\n");
}

TEST(response_head, takes_the_owners_content_type_over_its_own) {
  header_map fields{{"content-type", "image/png"}};
  response_head head;
  head.framing = body_framing::none;
  head.content_type = "application/json";
  head.headers = &fields;
  EXPECT_EQ(render(head), "HTTP/1.1 200 OK\r\nDate: D\r\nServer: troupe\r\n"
                          "X-Content-Type-Options: nosniff\r\n"
                          "content-type: image/png\r\n\r\n");
}

TEST(response_head, keeps_its_own_content_type_beside_a_broken_one) {
  header_map fields{{"Content-Type", "a\r\nb"}};
  response_head head;
  head.framing = body_framing::none;
  head.content_type = "application/json";
  head.headers = &fields;
  EXPECT_NE(render(head).find("Content-Type: application/json\r\n"),
            std::string::npos);
}

TEST(http_date, knows_the_calendar) {
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  // The example of RFC 9110 section 5.6.7.
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(1709209845), "Thu, 29 Feb 2024 12:30:45 GMT");
  EXPECT_EQ(http_date(4102444799), "Thu, 31 Dec 2099 23:59:59 GMT");
}

TEST(chunk_line, has_any_size) {
  EXPECT_EQ(chunk_line{1}.text(), "1\r\n");
  EXPECT_EQ(chunk_line{SIZE_MAX}.text(), "ffffffffffffffff\r\n");
}

TEST(append_chunk, writes_size_data_and_line_ends) {
  std::string out = "x";
  append_chunk(out, "hello");
  append_chunk(out, std::string(255, 'a'));
  EXPECT_EQ(out, "x5\r\nhello\r\nff\r\n" + std::string(255, 'a') + "\r\n");
}

TEST(append_chunk, writes_nothing_for_no_data_which_would_end_the_body) {
  std::string out;
  append_chunk(out, "");
  EXPECT_EQ(out, "");
}

} // namespace

} // namespace troupe
