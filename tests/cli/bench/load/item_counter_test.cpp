#include "troupe/cli/bench/load/item_counter.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace troupe::load;

namespace {

/// Fed byte by byte, and at once: both must agree.
std::size_t count(stream_format format, std::string_view body) {
  item_counter whole{format};
  auto result = whole.feed(body);
  result += whole.finish();
  item_counter cut{format};
  std::size_t again = 0;
  for (auto c : body)
    again += cut.feed({&c, 1});
  again += cut.finish();
  EXPECT_EQ(again, result) << body;
  return result;
}

} // namespace

TEST(item_counter, counts_lines_that_are_not_empty) {
  EXPECT_EQ(count(stream_format::ndjson, "{}\n{}\n\n{\"a\": 1}\n"), 3U);
  EXPECT_EQ(count(stream_format::ndjson, "{}\r\n{}\r\n"), 2U);
}

TEST(item_counter, takes_a_last_line_without_newline) {
  EXPECT_EQ(count(stream_format::ndjson, "{}\n{}"), 2U);
  EXPECT_EQ(count(stream_format::ndjson, ""), 0U);
}

TEST(item_counter, counts_events_with_data) {
  EXPECT_EQ(count(stream_format::sse, "data: 1\n\nevent: x\ndata: 2\n\n"), 2U);
  EXPECT_EQ(count(stream_format::sse, "data: 1\r\n\r\ndata\r\n\r\n"), 2U);
  EXPECT_EQ(count(stream_format::sse, "data: 1\r\rdata: 2\r\r"), 2U);
}

TEST(item_counter, takes_an_event_of_several_lines_as_one) {
  EXPECT_EQ(count(stream_format::sse, "data: 1\ndata: 2\n\n"), 1U);
}

TEST(item_counter, leaves_out_comments_and_other_fields) {
  EXPECT_EQ(count(stream_format::sse, ": ping\n\nretry: 10\n\ndatax: 1\n\n"),
            0U);
}

TEST(item_counter, leaves_out_the_end_mark_of_a_chat) {
  EXPECT_EQ(count(stream_format::sse, "data: {}\n\ndata: [DONE]\n\n"), 1U);
  EXPECT_EQ(count(stream_format::sse, "data: [DONE], it says\n\n"), 1U);
}

TEST(item_counter, leaves_out_an_event_that_was_cut_off) {
  EXPECT_EQ(count(stream_format::sse, "data: 1\n\ndata: 2\n"), 1U);
}

TEST(item_counter, counts_nothing_of_a_plain_body) {
  EXPECT_EQ(count(stream_format::none, "{}\n{}\n"), 0U);
}

TEST(item_counter, needs_no_memory_for_long_lines) {
  item_counter x{stream_format::sse};
  std::string part(1000, 'x');
  x.feed("data: ");
  for (auto i = 0; i < 1000; ++i)
    EXPECT_EQ(x.feed(part), 0U);
  EXPECT_EQ(x.feed("\n\n"), 1U);
}

TEST(stream_format, is_told_by_the_content_type) {
  EXPECT_EQ(format_of("text/event-stream"), stream_format::sse);
  EXPECT_EQ(format_of("Text/Event-Stream ; charset=utf-8"), stream_format::sse);
  EXPECT_EQ(format_of("application/x-ndjson"), stream_format::ndjson);
  EXPECT_EQ(format_of("application/json"), stream_format::none);
  EXPECT_EQ(format_of(""), stream_format::none);
}
