#include "troupe/http/around/rate_limit.hpp"
#include "troupe/specs/values/error.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const token_buckets::clock::time_point t0{};
constexpr auto none = token_buckets::clock::duration::zero();

TEST(token_buckets, let_a_burst_through_and_then_the_rate) {
  token_buckets x{2, 3, 10};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(x.take("a", t0), none) << i;
  EXPECT_EQ(x.take("a", t0), milliseconds{500});
  EXPECT_EQ(x.take("a", t0 + milliseconds{250}), milliseconds{250});
  EXPECT_EQ(x.take("a", t0 + milliseconds{500}), none);
  EXPECT_GT(x.take("a", t0 + milliseconds{500}), none);
}

TEST(token_buckets, never_hold_more_than_a_burst) {
  token_buckets x{100, 2, 10};
  EXPECT_EQ(x.take("a", t0), none);
  auto later = t0 + seconds{1'000'000};
  EXPECT_EQ(x.take("a", later), none);
  EXPECT_EQ(x.take("a", later), none);
  EXPECT_GT(x.take("a", later), none);
}

TEST(token_buckets, are_one_for_each_client) {
  token_buckets x{1, 1, 10};
  EXPECT_EQ(x.take("a", t0), none);
  EXPECT_GT(x.take("a", t0), none);
  EXPECT_EQ(x.take("b", t0), none);
}

TEST(token_buckets, forget_the_client_not_seen_for_longest) {
  token_buckets x{1, 1, 2};
  EXPECT_EQ(x.take("a", t0), none);
  EXPECT_EQ(x.take("b", t0), none);
  EXPECT_GT(x.take("a", t0), none);
  EXPECT_EQ(x.take("c", t0), none);
  EXPECT_EQ(x.size(), 2U);
  EXPECT_GT(x.take("a", t0), none) << "it was seen after b";
  EXPECT_EQ(x.take("b", t0), none) << "it was forgotten";
}

request from(std::string remote) {
  request result;
  result.remote = std::move(remote);
  return result;
}

/// @returns why `x` turns a request down, or nothing
std::optional<failure> refusal_of(rate_limit& x, request& req) {
  try {
    EXPECT_FALSE(x.before(req));
  } catch (const http_error& e) {
    return e.why();
  }
  return std::nullopt;
}

rate_limit_options one_a_minute() {
  rate_limit_options result;
  result.per_second = 1.0 / 60;
  result.burst = 1;
  return result;
}

TEST(rate_limit, answers_429_and_says_when_to_come_back) {
  rate_limit x{one_a_minute()};
  auto first = from("10.0.0.1:4000");
  auto second = from("10.0.0.1:4001");
  auto other = from("10.0.0.2:4000");
  EXPECT_FALSE(x.before(first));
  auto refused = refusal_of(x, second);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->headers.find("Retry-After"), "60");
  EXPECT_FALSE(x.before(other));
}

TEST(rate_limit, goes_by_a_header_where_it_is_told_to) {
  auto options = one_a_minute();
  options.key_header = "X-Tenant";
  rate_limit x{options};
  auto named = [](std::string_view name) {
    auto result = from("10.0.0.1:4000");
    result.headers.add("X-Tenant", name);
    return result;
  };
  auto a = named("a");
  auto b = named("b");
  auto impostor = named("10.0.0.1");
  auto nameless = from("10.0.0.1:4000");
  EXPECT_FALSE(x.before(a));
  EXPECT_FALSE(x.before(b));
  EXPECT_TRUE(refusal_of(x, a));
  EXPECT_FALSE(x.before(impostor));
  EXPECT_FALSE(x.before(nameless));
  EXPECT_TRUE(refusal_of(x, nameless));
}

TEST(rate_limit, takes_the_last_of_several_names) {
  auto options = one_a_minute();
  options.key_header = "X-Tenant";
  rate_limit x{options};
  auto named = [](std::string_view invented) {
    auto result = from("10.0.0.1:4000");
    result.headers.add("X-Tenant", invented);
    result.headers.add("X-Tenant", "the proxy's");
    return result;
  };
  auto first = named("a");
  auto second = named("b");
  EXPECT_FALSE(x.before(first));
  EXPECT_TRUE(refusal_of(x, second));
}

TEST(rate_limit, takes_the_address_for_what_x_forwarded_for_says) {
  auto options = one_a_minute();
  options.key_header = "x-forwarded-for";
  rate_limit x{options};
  auto named = [](std::string_view invented) {
    auto result = from("203.0.113.8");
    result.headers.add("X-Forwarded-For", invented);
    return result;
  };
  auto first = named("1.1.1.1, 203.0.113.8");
  auto second = named("2.2.2.2, 203.0.113.8");
  EXPECT_FALSE(x.before(first));
  EXPECT_TRUE(refusal_of(x, second));
}

TEST(rate_limit, tells_addresses_of_ipv6_apart) {
  rate_limit x{one_a_minute()};
  auto first = from("[2001:db8::1]:4000");
  auto second = from("[2001:db8::2]");
  auto again = from("[2001:db8::1]");
  EXPECT_FALSE(x.before(first));
  EXPECT_FALSE(x.before(second));
  EXPECT_TRUE(refusal_of(x, again));
}

TEST(rate_limit, leaves_probes_alone) {
  rate_limit x{one_a_minute(), {"/livez"}};
  auto probe = from("10.0.0.1:4000");
  probe.path = "/livez";
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(x.before(probe));
}

TEST(rate_limit_options, say_what_is_wrong) {
  rate_limit_options x;
  EXPECT_EQ(x.validate(), "");
  x.burst = 0.5;
  EXPECT_EQ(x.validate(), "rate_limit.burst: from 1 to 1e9");
  x = {};
  x.key_header = "not a name";
  EXPECT_NE(x.validate().find("rate_limit.key_header"), std::string::npos);
}

} // namespace

} // namespace troupe
