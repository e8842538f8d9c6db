#include "troupe/cli/config/reload/running_server.hpp"
#include "troupe/tests/support/free_port.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace troupe {

namespace {

TEST(running_server, has_an_address) {
  auto x = parse_server_url("http://127.0.0.1:8000");
  EXPECT_EQ(x.host, "127.0.0.1");
  EXPECT_EQ(x.port, "8000");
  EXPECT_EQ(x.prefix, "");
  x = parse_server_url("http://[::1]:80/");
  EXPECT_EQ(x.host, "::1");
  EXPECT_EQ(x.prefix, "");
  x = parse_server_url("http://models.example/a/b");
  EXPECT_EQ(x.port, "80");
  EXPECT_EQ(x.prefix, "/a/b");
}

TEST(running_server, is_asked_for_as_an_address_says) {
  for (const auto* url :
       {"", "127.0.0.1:8000", "https://a:1", "http://", "http://:1",
        "http://a:", "http://a:b", "http://a:1x"})
    EXPECT_THROW(parse_server_url(url), std::invalid_argument) << url;
}

TEST(running_server, is_missed) {
  EXPECT_THROW(ask_for_config({"127.0.0.1", std::to_string(free_port()), ""},
                              "key", std::chrono::milliseconds{5'000}),
               std::runtime_error);
}

} // namespace

} // namespace troupe
