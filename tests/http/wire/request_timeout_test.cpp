#include "troupe/http/wire/request_timeout.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using std::chrono::milliseconds;

TEST(request_timeout, takes_seconds_with_a_fraction) {
  struct row {
    const char* text;
    int ms;
  };
  for (auto [text, ms] :
       {row{"1", 1000}, row{"0.25", 250}, row{"2.5", 2500}, row{"0.001", 1},
        row{"0.0019", 1}, row{"007", 7000}, row{"1.123456789", 1123},
        row{"86400", 86'400'000}, row{"86400.000", 86'400'000}})
    EXPECT_EQ(parse_request_timeout(text), milliseconds{ms}) << text;
}

TEST(request_timeout, takes_nothing_else) {
  for (auto* text : {"",
                     "0",
                     "0.0",
                     "0.0004",
                     "-1",
                     "+1",
                     "1e3",
                     "1.",
                     ".5",
                     ".",
                     "1.2.3",
                     "1,5",
                     " 1",
                     "1 ",
                     "1s",
                     "0x1",
                     "inf",
                     "nan",
                     "86400.001",
                     "86401",
                     "1000000000",
                     "99999999999999999999",
                     "0.1234567890"})
    EXPECT_EQ(parse_request_timeout(text), std::nullopt) << text;
}

} // namespace

} // namespace troupe
