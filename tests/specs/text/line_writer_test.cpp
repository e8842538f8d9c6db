#include "troupe/specs/text/line_writer.hpp"
#include "troupe/specs/text/log_text.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

using namespace std::chrono_literals;

namespace troupe {

namespace {

std::string line_in(log_format format, std::string_view value) {
  std::string result;
  line_writer line{result, format};
  line.time("T");
  line.level("access");
  line.text("path", value);
  line.number("status", 200);
  line.time_span("total_ms", 1'234'567ns);
  line.end();
  return result;
}

TEST(line_writer_test, each_format_says_the_same) {
  EXPECT_EQ(line_in(log_format::text, "/p"),
            "T access path=/p status=200 total_ms=1.234\n");
  EXPECT_EQ(line_in(log_format::logfmt, "/p"),
            "time=T level=access path=/p status=200 total_ms=1.234\n");
  EXPECT_EQ(line_in(log_format::json, "/p"),
            "{\"time\":\"T\",\"level\":\"access\",\"path\":\"/p\","
            "\"status\":200,\"total_ms\":1.234}\n");
}

TEST(line_writer_test, whatever_bytes_come_the_line_is_one_value_of_json) {
  for (int first = 0; first < 256; ++first)
    for (int second : {0x00, 0x22, 0x5C, 0x78, 0x80, 0xE2}) {
      const std::string value{static_cast<char>(first),
                              static_cast<char>(second)};
      const auto line = line_in(log_format::json, value);
      ASSERT_EQ(line.find('\n'), line.size() - 1);
      ASSERT_TRUE(nlohmann::json::accept(line)) << line;
    }
}

TEST(line_writer_test, a_value_cannot_end_before_its_quote) {
  EXPECT_EQ(line_in(log_format::logfmt, "a\" status=500"),
            "time=T level=access path=\"a\\\" status=500\" status=200 "
            "total_ms=1.234\n");
  EXPECT_EQ(line_in(log_format::text, "a\nb"),
            "T access path=\"a\\\\nb\" status=200 total_ms=1.234\n");
  EXPECT_EQ(line_in(log_format::logfmt, ""),
            "time=T level=access path=\"\" status=200 total_ms=1.234\n");
}

TEST(line_writer_test, a_long_value_is_cut) {
  const auto line = line_in(log_format::json, std::string(1000, 'z'));
  EXPECT_LT(line.size(), 400U);
  EXPECT_NE(line.find("more bytes"), line.npos);
}

TEST(line_writer_test, a_message_full_of_quotes_fits_a_pipe) {
  const auto line = log_line(
    {}, log_level::info, std::string(max_log_message, '"'), log_format::json);
  EXPECT_LE(line.size(), 4096U);
  EXPECT_TRUE(nlohmann::json::accept(line));
}

TEST(line_writer_test, times_have_milliseconds_and_are_utc) {
  utc_text stamp;
  using clock = std::chrono::system_clock;
  EXPECT_EQ(stamp.of(clock::time_point{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(stamp.of(clock::time_point{} + 7ms), "1970-01-01T00:00:00.007Z");
  EXPECT_EQ(stamp.of(clock::time_point{} + 61'999ms),
            "1970-01-01T00:01:01.999Z");
}

} // namespace

} // namespace troupe
