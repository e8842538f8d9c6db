#include "troupe/http/options.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace troupe {

namespace {

using change = std::function<void(server_options&)>;

std::string error_of(const change& f) {
  server_options options;
  f(options);
  return options.validate();
}

/// The setting that is blamed.
std::string blamed(const change& f) {
  auto text = error_of(f);
  return text.substr(0, text.find(':'));
}

TEST(server_options, are_fine_by_default) {
  EXPECT_EQ(server_options{}.validate(), "");
}

TEST(server_options, let_no_json_body_cost_more_than_three_of_the_largest) {
  connection_limits limits;
  EXPECT_LE(limits.max_json_body_bytes + limits.max_json_memory_bytes,
            3 * limits.max_json_body_bytes);
}

TEST(server_options, name_what_is_wrong) {
  using o = server_options;
  EXPECT_EQ(blamed([](o& x) { x.host.clear(); }), "host");
  EXPECT_EQ(blamed([](o& x) { x.io_threads = 0; }), "io_threads");
  EXPECT_EQ(blamed([](o& x) { x.io_threads = 257; }), "io_threads");
  EXPECT_EQ(blamed([](o& x) { x.timeout = std::chrono::milliseconds{-1}; }),
            "timeout_ms");
  EXPECT_EQ(blamed([](o& x) { x.limits.max_header_bytes = 255; }),
            "limits.max_header_bytes");
  EXPECT_EQ(blamed([](o& x) { x.limits.max_header_bytes = 60'001; }),
            "limits.max_header_bytes");
  EXPECT_EQ(blamed([](o& x) { x.limits.max_header_count = 0; }),
            "limits.max_header_count");
  EXPECT_EQ(blamed([](o& x) { x.limits.stream_buffer_bytes = 0; }),
            "limits.stream_buffer_bytes");
  EXPECT_EQ(blamed([](o& x) { x.limits.max_connections = 0; }),
            "limits.max_connections");
  EXPECT_EQ(blamed([](o& x) { x.limits.spool_dir = "/no/such/place"; }),
            "limits.spool_dir");
  EXPECT_EQ(blamed([](o& x) { x.shutdown.endpoint_enabled = true; }),
            "shutdown");
}

TEST(server_options, let_no_client_choose_its_own_rate_limit) {
  auto forwarded = [](server_options& x) {
    x.rate_limit.key_header = "X-forwarded-for";
  };
  EXPECT_EQ(blamed(forwarded), "rate_limit.key_header");
  EXPECT_EQ(error_of([&](server_options& x) {
              forwarded(x);
              x.peers.trusted_proxies = {"10.0.0.0/8"};
            }),
            "");
  EXPECT_EQ(
    blamed([](server_options& x) { x.rate_limit.key_header = "forwarded"; }),
    "rate_limit.key_header");
  EXPECT_EQ(
    blamed([](server_options& x) { x.peers.trusted_proxies = {"proxy"}; }),
    "trusted_proxies");
  EXPECT_EQ(blamed([](server_options& x) { x.peers.allowed_hosts = {"a:80"}; }),
            "allowed_hosts");
}

TEST(server_options, take_the_ends_of_every_range) {
  using o = server_options;
  EXPECT_EQ(error_of([](o& x) { x.io_threads = 256; }), "");
  EXPECT_EQ(error_of([](o& x) { x.timeout = std::chrono::milliseconds{0}; }),
            "");
  EXPECT_EQ(error_of([](o& x) { x.limits.max_header_bytes = 256; }), "");
  EXPECT_EQ(error_of([](o& x) { x.limits.max_header_bytes = 60'000; }), "");
  EXPECT_EQ(error_of([](o& x) { x.limits.max_header_count = 1; }), "");
  EXPECT_EQ(error_of([](o& x) { x.limits.max_connections = 1; }), "");
  EXPECT_EQ(error_of([](o& x) { x.port = 0; }), "");
  EXPECT_EQ(error_of([](o& x) { x.limits.max_body_bytes = 0; }), "");
  EXPECT_EQ(error_of([](o& x) { x.limits.body_memory_bytes = 0; }), "");
  EXPECT_EQ(error_of([](o& x) { x.limits.spool_dir = "/"; }), "");
}

TEST(server_options, let_the_shutdown_endpoint_have_a_key) {
  EXPECT_EQ(error_of([](server_options& x) {
              x.shutdown.endpoint_enabled = true;
              x.shutdown.endpoint_key = std::string{"key"};
            }),
            "");
}

TEST(server_options, refuse_keys_that_no_client_can_send) {
  for (std::string key : {" ", "key\n", " key", "ke\ny",
                          "ke\x1b"
                          "y"}) {
    EXPECT_EQ(blamed([&](server_options& x) { x.api_key = key; }), "api_key");
    EXPECT_EQ(blamed([&](server_options& x) {
                x.shutdown.endpoint_enabled = true;
                x.shutdown.endpoint_key = key;
              }),
              "shutdown.endpoint_key");
  }
  EXPECT_EQ(blamed([](server_options& x) {
              x.api_key = std::string(x.limits.max_header_bytes, 'k');
            }),
            "api_key");
  EXPECT_EQ(error_of([](server_options& x) { x.api_key = "se cret"; }), "");
}

TEST(server_options, leave_fields_their_meaning) {
  for (auto name : {"Content-Length", "transfer-encoding", "X-API-Key",
                    "Authorization", "date"})
    EXPECT_EQ(blamed([&](server_options& x) { x.request_id_header = name; }),
              "request_id_header");
  for (auto name : {"", "X Id", "X-Id:", "X-Id\n", "\xC3\xBC"})
    EXPECT_EQ(blamed([&](server_options& x) { x.request_id_header = name; }),
              "request_id_header");
  EXPECT_EQ(error_of([](server_options& x) {
              x.request_id_header = "X-Amzn-Trace-Id";
            }),
            "");
}

TEST(server_options, do_not_show_a_key) {
  auto text = error_of([](server_options& x) {
    x.api_key = "the-api-key";
    x.shutdown.endpoint_key = "the-admin-key";
    x.io_threads = 0;
  });
  EXPECT_EQ(text.find("the-"), std::string::npos) << text;
  text = error_of([](server_options& x) { x.api_key = "the-api-key\n"; });
  EXPECT_EQ(text.find("the-"), std::string::npos) << text;
}

} // namespace

} // namespace troupe
