#include "troupe/http/cluster_options.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

std::string parsed(const std::string& text) {
  const auto x = parse_cluster_address(text);
  return x.host + '|' + std::to_string(x.port);
}

cluster_options listening(std::string at) {
  cluster_options x;
  x.listen = std::move(at);
  return x;
}

cluster_options joining(std::string to) {
  cluster_options x;
  x.join = std::move(to);
  return x;
}

} // namespace

TEST(cluster_options, reads_an_address) {
  EXPECT_EQ(parsed("127.0.0.1:7400"), "127.0.0.1|7400");
  EXPECT_EQ(parsed("front.example:1"), "front.example|1");
  EXPECT_EQ(parsed("h:0"), "h|0");
  EXPECT_EQ(parsed("h:65535"), "h|65535");
  EXPECT_EQ(parsed("[::1]:7400"), "::1|7400");
  EXPECT_EQ(parsed("[fe80::1%eth0]:7400"), "fe80::1%eth0|7400");
  EXPECT_EQ(parsed("*:7400"), "|7400");
}

TEST(cluster_options, refuses_what_is_no_address) {
  for (const auto* text : {"",
                           ":",
                           "h",
                           "h:",
                           ":7400",
                           "7400",
                           "h:x",
                           "h:80x",
                           "h: 80",
                           "h:+80",
                           "h:-1",
                           "h:65536",
                           "h:99999999999",
                           "::1:7400",
                           "[::1]",
                           "[::1:7400",
                           "::1]:7400",
                           "[::1]x:7400",
                           "[]:7400",
                           "[*]:7400",
                           "[h]:7400"})
    EXPECT_THROW(static_cast<void>(parse_cluster_address(text)),
                 std::invalid_argument)
      << text;
  try {
    static_cast<void>(parse_cluster_address("h"));
  } catch (const std::invalid_argument& e) {
    EXPECT_STREQ(e.what(), "expected HOST:PORT, [IPV6]:PORT or *:PORT, got h");
  }
}

TEST(cluster_options, nothing_is_fine_and_does_nothing) {
  EXPECT_EQ(cluster_options{}.validate(), "");
  EXPECT_FALSE(cluster_options{}.enabled());
  EXPECT_TRUE(listening("h:1").enabled());
  EXPECT_TRUE(joining("h:1").enabled());
}

TEST(cluster_options, this_machine_needs_no_certificate) {
  for (const auto* at :
       {"127.0.0.1:0", "127.1.2.3:7400", "localhost:7400", "[::1]:7400"})
    EXPECT_EQ(listening(at).validate(), "") << at;
}

TEST(cluster_options, other_machines_need_one_or_trust) {
  for (const auto* at : {"*:7400", "0.0.0.0:7400", "[::]:7400", "10.0.0.1:7400",
                         "box:7400", "127.example.com:7400",
                         "127.0.0.1.example.com:7400", "1270.0.0.1:7400"}) {
    auto x = listening(at);
    EXPECT_EQ(x.validate(),
              "cluster.listen: other machines could reach " + std::string{at}
                + " without a certificate; set cluster.tls, or say "
                  "cluster.trusted_network: true if nobody else is on that "
                  "network");
    x.trusted_network = true;
    EXPECT_EQ(x.validate(), "");
    x.trusted_network = false;
    x.tls = {"c", "k", "a"};
    EXPECT_EQ(x.validate(), "");
  }
}

TEST(cluster_options, tls_is_all_or_nothing) {
  const std::string rest =
    ": both sides show certificates, so certificate, key and client_ca are all "
    "needed";
  auto x = joining("h:1");
  x.tls = {"c", "k", ""};
  EXPECT_EQ(x.validate(), "cluster.tls.client_ca" + rest);
  x.tls = {"c", "", "a"};
  EXPECT_EQ(x.validate(), "cluster.tls.key" + rest);
  x.tls = {"", "k", "a"};
  EXPECT_EQ(x.validate(), "cluster.tls.certificate" + rest);
}

TEST(cluster_options, a_heartbeat_has_bounds) {
  auto x = joining("h:1");
  for (auto beat : {9ms, 0ms, -1ms, 60'001ms}) {
    x.heartbeat = beat;
    EXPECT_EQ(x.validate(), "cluster.heartbeat_ms: from 10 to 60000");
  }
  for (auto beat : {10ms, 60'000ms}) {
    x.heartbeat = beat;
    EXPECT_EQ(x.validate(), "");
  }
}

TEST(cluster_options, a_node_needs_to_know_whom_to_join) {
  for (const auto* to : {"*:7400", "h:0", "*:0"})
    EXPECT_EQ(joining(to).validate(),
              "cluster.join: needs the host and the port of a front")
      << to;
  EXPECT_EQ(joining("h").validate(), "cluster.join: expected HOST:PORT, "
                                     "[IPV6]:PORT or *:PORT, got h");
  EXPECT_EQ(listening("h").validate(), "cluster.listen: expected HOST:PORT, "
                                       "[IPV6]:PORT or *:PORT, got h");
}
