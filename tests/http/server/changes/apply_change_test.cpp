#include "troupe/http/server/changes/apply_change.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(apply_change, leaves_what_cannot_change_as_it_is) {
  server_options now;
  now.port = 1;
  now.io_threads = 3;
  now.limits.max_connections = 5;
  now.admin.enabled = true;
  server_options next;
  next.port = 2;
  next.limits.max_connections = 6;
  next.limits.max_body_bytes = 7;
  next.api_key = "k";
  auto merged = merged_options(now, next);
  EXPECT_EQ(merged.port, 1);
  EXPECT_EQ(merged.io_threads, 3U);
  EXPECT_EQ(merged.limits.max_connections, 5U);
  EXPECT_TRUE(merged.admin.enabled);
  EXPECT_EQ(merged.limits.max_body_bytes, 7U);
  EXPECT_EQ(merged.api_key, "k");
}

TEST(apply_change, takes_the_level_of_the_log_and_no_more_of_it) {
  server_options now;
  now.log.format = log_format::json;
  now.log.access.enabled = true;
  now.telemetry.otlp_endpoint = "http://h:1";
  server_options next;
  next.log.level = log_level::error;
  auto merged = merged_options(now, next);
  EXPECT_EQ(merged.log.level, log_level::error);
  EXPECT_EQ(merged.log.format, log_format::json);
  EXPECT_TRUE(merged.log.access.enabled);
  EXPECT_EQ(merged.telemetry.otlp_endpoint, "http://h:1");
}

TEST(apply_change, makes_middlewares_again_when_their_options_change) {
  server_options now;
  auto next = now;
  next.timeout = std::chrono::milliseconds{1};
  EXPECT_FALSE(changes_middleware(now, next));
  next.rate_limit.per_second = 1;
  EXPECT_TRUE(changes_middleware(now, next));
  next = now;
  next.cors.allow_origins = {"*"};
  EXPECT_TRUE(changes_middleware(now, next));
  next = now;
  next.builtins[builtin::livez] = "/alive";
  EXPECT_TRUE(changes_middleware(now, next)) << "probes have no limit";
}

} // namespace

} // namespace troupe
