#include "troupe/http/around/page_guard.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

request page_post(header_map headers) {
  request result;
  result.headers = std::move(headers);
  return result;
}

/// Whether a page's request is let in.
bool lets_in(const request& req, const server_options& options = {},
             const endpoint& e = {}) {
  auto why = page_guard{options}.check(req, e, true, false);
  if (why) {
    EXPECT_EQ(why->effective_status(), 403);
  }
  return !why;
}

TEST(page_guard, lets_in_pages_of_this_origin) {
  EXPECT_TRUE(lets_in(page_post(
    {{"Host", "127.0.0.1:8000"}, {"Origin", "http://127.0.0.1:8000"}})));
  EXPECT_TRUE(lets_in(page_post({{"Host", "a"}, {"Origin", "http://a"}})));
  EXPECT_TRUE(lets_in(page_post({{"Host", "a"}, {"Origin", "https://a"}})))
    << "a proxy ended TLS";
  EXPECT_TRUE(lets_in(page_post({{"Host", "a:443"}, {"Origin", "https://A"}})));
  EXPECT_TRUE(lets_in(page_post({{"Host", "a"}, {"Origin", "http://a:80"}})));
  for (auto* site : {"same-origin", "none"})
    EXPECT_TRUE(lets_in(page_post({{"Host", "inner"},
                                   {"Origin", "https://outer.example"},
                                   {"Sec-Fetch-Site", site}})))
      << "behind a proxy that changes Host";
}

TEST(page_guard, refuses_pages_of_other_origins) {
  for (auto* origin : {"http://evil.example", "null", "http://a:81", "",
                       "https://a:80", "http://sub.a", "nonsense"})
    EXPECT_FALSE(lets_in(page_post({{"Host", "a"}, {"Origin", origin}})))
      << origin;
  for (auto* site : {"cross-site", "same-site", "", "Same-Origin"}) {
    EXPECT_FALSE(lets_in(page_post({{"Host", "a"}, {"Sec-Fetch-Site", site}})))
      << site;
    EXPECT_FALSE(lets_in(page_post(
      {{"Host", "a"}, {"Origin", "http://a"}, {"Sec-Fetch-Site", site}})))
      << site;
  }
}

TEST(page_guard, lets_in_those_that_cors_allows) {
  server_options options;
  options.cors.allow_origins = {"https://app.example", "null"};
  auto from = [](const char* origin) {
    return page_post(
      {{"Host", "a"}, {"Origin", origin}, {"Sec-Fetch-Site", "cross-site"}});
  };
  EXPECT_TRUE(lets_in(from("https://app.example"), options));
  EXPECT_TRUE(lets_in(from("null"), options));
  EXPECT_FALSE(lets_in(from("https://evil.example"), options));
  options.cors.allow_origins = {"*"};
  EXPECT_TRUE(lets_in(from("https://evil.example"), options));
}

TEST(page_guard, leaves_safe_methods_to_cors) {
  auto req = page_post({{"Host", "a"}, {"Origin", "http://evil.example"}});
  for (auto m : {method::get, method::head, method::options}) {
    req.method = m;
    EXPECT_TRUE(lets_in(req));
  }
  for (auto m : {method::put, method::patch, method::del}) {
    req.method = m;
    EXPECT_FALSE(lets_in(req));
  }
}

TEST(page_guard, trusts_a_key_which_no_page_can_guess) {
  auto req = page_post({{"Host", "a"}, {"Origin", "http://evil.example"}});
  server_options options;
  options.api_key = "secret";
  endpoint e;
  EXPECT_TRUE(lets_in(req, options, e));
  e.access = access::open;
  EXPECT_FALSE(lets_in(req, options, e));
  e.access = access::admin;
  EXPECT_TRUE(lets_in(req, {}, e));
}

TEST(page_guard, leaves_it_to_an_owner_that_checks_itself) {
  endpoint e;
  e.checks_origin = true;
  EXPECT_TRUE(lets_in(
    page_post({{"Host", "a"}, {"Origin", "http://evil.example"}}), {}, e));
}

bool allows_name(std::string_view host, const server_options& options = {}) {
  return page_guard{options}.allows_host(host);
}

TEST(page_guard, knows_the_names_of_a_local_server) {
  for (auto* host :
       {"localhost", "localhost:8000", "LOCALHOST.", "127.0.0.1:8000", "[::1]",
        "10.1.2.3", "troupe:8000", "model-1", "app.localhost", "box.local",
        "svc.internal", ""})
    EXPECT_TRUE(allows_name(host)) << host;
  for (auto* host : {"evil.example", "evil.example:8000",
                     "127.0.0.1.evil.example", "localhost.evil.example", "a.b"})
    EXPECT_FALSE(allows_name(host)) << host;
}

TEST(page_guard, guards_no_names_where_others_protect) {
  server_options keyed;
  keyed.api_key = "secret";
  EXPECT_TRUE(allows_name("evil.example", keyed));
  server_options open;
  open.host = "0.0.0.0";
  EXPECT_TRUE(allows_name("models.example", open));
}

TEST(page_guard, takes_the_names_that_are_listed_and_no_others) {
  server_options options;
  options.host = "0.0.0.0";
  options.peers.allowed_hosts = {"models.example", "*.inner.example",
                                 "10.0.0.1"};
  for (auto* host : {"models.example", "Models.Example:8000", "a.inner.example",
                     "a.b.inner.example.", "10.0.0.1:80"})
    EXPECT_TRUE(allows_name(host, options)) << host;
  for (auto* host : {"", "localhost", "inner.example", "xinner.example",
                     "x.models.example", "10.0.0.2"})
    EXPECT_FALSE(allows_name(host, options)) << host;
  options.peers.allowed_hosts = {"*"};
  EXPECT_TRUE(allows_name("any.example", options));
}

TEST(page_guard, checks_listed_names_of_all_but_probes) {
  server_options options;
  options.peers.allowed_hosts = {"models.example"};
  page_guard x{options};
  EXPECT_TRUE(x.checks_every_host());
  auto req = page_post({{"Host", "other.example"}});
  req.method = method::get;
  EXPECT_TRUE(x.check(req, {}, false, false));
  EXPECT_FALSE(x.check(req, {}, false, true));
  EXPECT_FALSE(page_guard{{}}.checks_every_host());
}

TEST(check_allowed_hosts, takes_names_without_a_port) {
  EXPECT_EQ(check_allowed_hosts({"a", "*.a.example", "*", "[::1]", "1.2.3.4"}),
            "");
  for (auto* x : {"", "a:80", "http://a", "a/b", "**", "*.", "a.*", "::1"})
    EXPECT_TRUE(check_allowed_hosts({x}).starts_with("allowed_hosts: ")) << x;
}

TEST(is_loopback_address, knows_this_machine) {
  for (auto* x : {"127.0.0.1", "127.1.2.3", "localhost", "::1"})
    EXPECT_TRUE(is_loopback_address(x)) << x;
  for (auto* x : {"0.0.0.0", "::", "10.0.0.1"})
    EXPECT_FALSE(is_loopback_address(x)) << x;
}

} // namespace

} // namespace troupe
