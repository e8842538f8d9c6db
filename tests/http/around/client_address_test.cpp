#include "troupe/http/around/client_address.hpp"
#include "troupe/http/around_options.hpp"
#include "troupe/specs/text/text.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

bool block_contains(std::string_view block, std::string_view address) {
  return address_block::parse(block)->contains(*address_block::parse(address));
}

TEST(address_block, holds_what_begins_with_its_bits) {
  EXPECT_TRUE(block_contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(block_contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(block_contains("10.0.0.7", "10.0.0.7"));
  EXPECT_FALSE(block_contains("10.0.0.7", "10.0.0.6"));
  EXPECT_TRUE(block_contains("172.16.0.0/12", "172.31.9.9"));
  EXPECT_FALSE(block_contains("172.16.0.0/12", "172.32.0.0"));
  EXPECT_TRUE(block_contains("0.0.0.0/0", "1.2.3.4"));
  EXPECT_FALSE(block_contains("0.0.0.0/0", "::1"));
  EXPECT_TRUE(block_contains("::/0", "1.2.3.4"));
  EXPECT_TRUE(block_contains("fd00::/8", "fdff::1"));
  EXPECT_FALSE(block_contains("fd00::/8", "fe00::1"));
  EXPECT_TRUE(block_contains("10.0.0.0/8", "::ffff:10.1.2.3"));
}

TEST(address_block, is_nothing_else) {
  for (auto* x : {"", "a", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1",
                  "10.0.0.0/8x", "::1/129", "[::1]", "10.0.0.1:80", "proxy"}) {
    EXPECT_FALSE(address_block::parse(x)) << x;
    EXPECT_NE(check_trusted_proxies({x}), "") << x;
  }
  EXPECT_EQ(check_trusted_proxies({"10.0.0.0/8", "::1"}), "");
}

TEST(remote_text, can_be_taken_apart_again) {
  EXPECT_EQ(remote_text("1.2.3.4", 80), "1.2.3.4:80");
  EXPECT_EQ(remote_text("::ffff:1.2.3.4", 80), "1.2.3.4:80");
  EXPECT_EQ(remote_text("2001:db8::1", 80), "[2001:db8::1]:80");
  EXPECT_EQ(without_port(remote_text("2001:db8::1", 80)), "2001:db8::1");
}

std::string client_behind(std::initializer_list<const char*> lines,
                          std::string_view remote = "10.0.0.1:5000") {
  proxy_list proxies{{"10.0.0.0/8", "fd00::/8"}};
  header_map headers;
  for (const auto* x : lines)
    headers.add("X-Forwarded-For", x);
  return proxies.client_of(headers, remote);
}

TEST(proxy_list, believes_only_the_proxies_that_are_named) {
  EXPECT_EQ(client_behind({"1.1.1.1"}, "8.8.8.8:5000"), "8.8.8.8:5000");
  EXPECT_EQ(client_behind({}), "10.0.0.1:5000");
}

TEST(proxy_list, walks_from_the_end) {
  EXPECT_EQ(client_behind({"203.0.113.8"}), "203.0.113.8");
  EXPECT_EQ(client_behind({"1.1.1.1, 203.0.113.8"}), "203.0.113.8")
    << "the client wrote the first";
  EXPECT_EQ(client_behind({"1.1.1.1, 203.0.113.8, 10.0.0.9"}), "203.0.113.8");
  EXPECT_EQ(client_behind({"1.1.1.1", "203.0.113.8"}), "203.0.113.8")
    << "a proxy may add a line";
  EXPECT_EQ(client_behind({"1.1.1.1", "203.0.113.8 ,\t10.0.0.9"}),
            "203.0.113.8");
  EXPECT_EQ(client_behind({"203.0.113.8:4711"}), "203.0.113.8");
  EXPECT_EQ(client_behind({"[2001:db8::1]:4711"}), "[2001:db8::1]");
  EXPECT_EQ(client_behind({"2001:db8::1, fd00::2"}), "[2001:db8::1]");
  EXPECT_EQ(client_behind({"10.0.0.5, 10.0.0.6"}), "10.0.0.5")
    << "a client inside is told, too";
}

TEST(proxy_list, stops_at_a_value_that_is_not_an_address) {
  EXPECT_EQ(client_behind({"1.1.1.1, unknown, 10.0.0.9"}), "10.0.0.9");
  EXPECT_EQ(client_behind({"1.1.1.1, 10.0.0.0/8"}), "10.0.0.1:5000");
  for (auto* x : {"", ",", "unknown", "_hidden", "1.1.1.1,"})
    EXPECT_EQ(client_behind({x}), "10.0.0.1:5000") << x;
}

} // namespace

} // namespace troupe
