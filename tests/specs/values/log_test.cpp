#include "troupe/specs/values/log.hpp"

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

TEST(log, no_log_says_nothing) {
  EXPECT_EQ(captured([] { no_log()(log_level::error, "x"); }), "");
}
