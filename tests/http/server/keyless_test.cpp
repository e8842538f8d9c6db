#include "troupe/http/server/keyless.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

class keyless_test : public ::testing::Test {
public:
  keyless_test() {
    options.host = "0.0.0.0";
  }

  void add(endpoint_kind kind, std::string pattern, access who) {
    table_entry e;
    e.kind = kind;
    e.owner = "x";
    e.endpoint.methods = {method::post};
    e.endpoint.pattern = std::move(pattern);
    e.endpoint.access = who;
    entries.push_back(std::move(e));
  }

  std::string warning() {
    return keyless_warning(options, endpoint_table::build(entries));
  }

  server_options options;
  std::vector<table_entry> entries;
};

TEST_F(keyless_test, warns_of_endpoints_that_lack_their_key) {
  add(endpoint_kind::predict, "/predict", access::key);
  for (auto host : {"0.0.0.0", "::", "192.0.2.1", "::ffff:192.0.2.1"}) {
    options.host = host;
    auto text = warning();
    EXPECT_NE(text.find(host), std::string::npos) << text;
    EXPECT_NE(text.find("TROUPE_API_KEY"), std::string::npos) << text;
  }
}

TEST_F(keyless_test, has_nothing_to_say_on_a_loopback_address) {
  add(endpoint_kind::predict, "/predict", access::key);
  for (auto host :
       {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "localhost"}) {
    options.host = host;
    EXPECT_EQ(warning(), "") << host;
  }
}

TEST_F(keyless_test, has_nothing_to_say_with_a_key_or_without_a_port) {
  add(endpoint_kind::predict, "/predict", access::key);
  options.api_key = "k";
  EXPECT_EQ(warning(), "");
  options.api_key.clear();
  options.listen = false;
  EXPECT_EQ(warning(), "");
}

TEST_F(keyless_test, does_not_mind_what_is_declared_open) {
  add(endpoint_kind::predict, "/predict", access::open);
  add(endpoint_kind::builtin, "/info", access::key);
  EXPECT_EQ(warning(), "");
}

} // namespace

} // namespace troupe
