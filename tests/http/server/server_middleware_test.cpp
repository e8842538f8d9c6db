#include "troupe/http/around/cors.hpp"
#include "troupe/http/around/rate_limit.hpp"
#include "troupe/http/server/server_middleware.hpp"
#include "troupe/specs/values/error.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

request get(std::string path) {
  request result;
  result.method = method::get;
  result.path = path;
  result.target = std::move(path);
  result.remote = "127.0.0.1:4000";
  return result;
}

TEST(server_middleware, is_empty_when_nobody_asked) {
  EXPECT_TRUE(make_middleware({}, {}).empty());
}

TEST(server_middleware, has_cors_outermost_and_the_programs_innermost) {
  server_options options;
  options.cors.allow_origins = {"*"};
  options.rate_limit.per_second = 1;
  auto own = std::make_shared<middleware>();
  auto all = make_middleware(options, {own});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_NE(dynamic_cast<cors*>(all[0].get()), nullptr);
  EXPECT_NE(dynamic_cast<rate_limit*>(all[1].get()), nullptr);
  EXPECT_EQ(all[2], own);
}

TEST(server_middleware, limits_no_probe) {
  server_options options;
  options.rate_limit.per_second = 0.001;
  options.rate_limit.burst = 1;
  auto all = make_middleware(options, {});
  ASSERT_EQ(all.size(), 1u);
  auto limited = [&](std::string path) {
    auto req = get(std::move(path));
    try {
      return all[0]->before(req).has_value();
    } catch (const http_error& e) {
      return e.why().effective_status() == 429;
    }
  };
  EXPECT_FALSE(limited("/x"));
  EXPECT_TRUE(limited("/x"));
  EXPECT_FALSE(limited("/health"));
  EXPECT_FALSE(limited("/readyz"));
  EXPECT_FALSE(limited("/metrics"));
}

} // namespace

} // namespace troupe
