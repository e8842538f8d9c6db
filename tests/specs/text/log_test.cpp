#include "troupe/specs/text/log.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <string>

using namespace troupe;

namespace {

/// What `f` writes to standard error.
template <class F>
std::string captured(F&& f) {
  testing::internal::CaptureStderr();
  f();
  return testing::internal::GetCapturedStderr();
}

} // namespace

TEST(log, a_line_has_time_level_and_text) {
  auto text = captured([] { stderr_log()(log_level::warning, "a b"); });
  std::regex form{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning a b\n)"};
  EXPECT_TRUE(std::regex_match(text, form)) << text;
}

TEST(log, every_level_has_its_name) {
  auto log = stderr_log(log_level::debug);
  for (auto [level, name] : {std::pair{log_level::debug, " debug x\n"},
                             {log_level::info, " info x"},
                             {log_level::warning, " warning x"},
                             {log_level::error, " error x"}}) {
    auto text = captured([&, &l = level] { log(l, "x"); });
    EXPECT_NE(text.find(name), std::string::npos) << text;
  }
}

TEST(log_level, is_known_by_its_name_alone) {
  for (auto x : {log_level::debug, log_level::info, log_level::warning,
                 log_level::error})
    EXPECT_EQ(log_level_from(to_string(x)), x);
  EXPECT_EQ(log_level_from("Warning"), std::nullopt);
  EXPECT_EQ(log_level_from(""), std::nullopt);
}

TEST(log, lines_below_the_least_level_are_dropped) {
  auto log = stderr_log(log_level::warning);
  EXPECT_EQ(captured([&] {
              log(log_level::debug, "x");
              log(log_level::info, "x");
            }),
            "");
  EXPECT_NE(captured([&] { log(log_level::error, "x"); }), "");
  EXPECT_EQ(captured([] { stderr_log()(log_level::debug, "x"); }), "");
  EXPECT_NE(captured([] { stderr_log()(log_level::info, "x"); }), "");
}

TEST(log, a_message_is_one_line_whatever_it_holds) {
  auto text =
    captured([] { stderr_log()(log_level::info, "a\nforged\x1b[2J"); });
  EXPECT_TRUE(text.ends_with(" info a\\nforged\\x1B[2J\n")) << text;
}

TEST(log, a_line_fits_what_a_pipe_takes_whole) {
  auto line = log_line(std::chrono::system_clock::now(), log_level::warning,
                       std::string(100'000, 'x'));
  EXPECT_LE(line.size(), 4096U);
}

TEST(log, a_line_may_be_of_an_earlier_time) {
  auto text = captured([] {
    stderr_sink{log_level::info}.write(std::chrono::system_clock::time_point{},
                                       log_level::info, "x");
  });
  EXPECT_EQ(text, "1970-01-01T00:00:00.000Z info x\n");
}

TEST(log, no_log_says_nothing) {
  EXPECT_EQ(captured([] { no_log()(log_level::error, "x"); }), "");
}
