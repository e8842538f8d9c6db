#include "troupe/http/observe/access/access_record.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

namespace troupe {

namespace {

using namespace std::chrono_literals;

std::string line_of(const access_record& x, log_format format) {
  std::string result(longest_access_line, '\0');
  result.resize(write_line(result.data(), x, "T", format));
  return result;
}

TEST(access_record_test, a_line_has_what_is_known) {
  access_record x;
  x.method = "POST";
  x.route = "/predict";
  x.path = "/predict";
  x.status = 200;
  x.total = 3ms;
  x.queue = 1ms;
  x.run = 2ms;
  x.bytes_in = 10;
  x.bytes_out = 20;
  x.model = "m";
  x.worker = 4;
  x.client = "[::1]:80";
  x.request_id = "id";
  x.trace[15] = 0xAB;
  EXPECT_EQ(line_of(x, log_format::text),
            "T access method=POST route=/predict status=200 outcome=served "
            "total_ms=3.000 queue_ms=1.000 run_ms=2.000 bytes_in=10 "
            "bytes_out=20 model=m worker=4 client=[::1]:80 request_id=id "
            "trace_id=000000000000000000000000000000ab path=/predict\n");
}

TEST(access_record_test, an_odd_path_changes_nothing_but_the_path) {
  access_record x;
  x.method = "GET";
  x.route = "/r";
  x.path = "/usual";
  x.client = "c";
  x.request_id = "i";
  x.model = "m";
  x.reason = "draining";
  x.queue = x.run = 1234567ns;
  x.worker = 3;
  x.trace[0] = 1;
  for (auto format : {log_format::text, log_format::json, log_format::logfmt}) {
    const auto usual = line_of(x, format);
    auto odd = x;
    odd.path = "/a\"b c";
    const auto other = line_of(odd, format);
    EXPECT_EQ(usual.substr(0, usual.find("/usual") - 1),
              other.substr(0, usual.find("/usual") - 1));
    EXPECT_NE(other.find("/a\\\"b c\""), other.npos) << other;
  }
}

TEST(access_record_test, a_line_leaves_out_what_is_not) {
  access_record x;
  x.outcome = request_outcome::refused;
  x.reason = "queue_full";
  const auto line = line_of(x, log_format::json);
  auto found = nlohmann::json::parse(line);
  EXPECT_FALSE(found.contains("model"));
  EXPECT_FALSE(found.contains("trace_id"));
  EXPECT_FALSE(found.contains("run_ms"));
  EXPECT_EQ(found["outcome"], "refused");
  EXPECT_EQ(found["reason"], "queue_full");
}

TEST(access_record_test, the_longest_line_fits_whatever_it_holds) {
  for (const auto* text : {"\"", "\\", "\x01", "\xF4", "\u202E", "=", "a"}) {
    std::string all;
    while (all.size() < 5000)
      all += text;
    access_record x;
    x.request_id = x.route = x.path = x.client = all;
    x.method = "OPTIONS";
    const std::string model(200, 'm');
    x.model = model;
    x.total = x.queue.emplace() = x.run.emplace() = std::chrono::hours{100'000};
    x.bytes_in = x.bytes_out = ~std::uint64_t{0};
    x.worker = ~std::uint32_t{0};
    x.reason = "connections";
    x.trace[0] = 1;
    for (auto format :
         {log_format::text, log_format::json, log_format::logfmt}) {
      const auto line = line_of(x, format);
      EXPECT_LT(line.size(), longest_access_line);
      EXPECT_EQ(line.back(), '\n');
      EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    }
  }
}

} // namespace

} // namespace troupe
