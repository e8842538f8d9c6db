#include "troupe/cli/config/keys/admin_access.hpp"
#include "troupe/cli/specs/add_mcp_spec.hpp"
#include "troupe/tests/cli/config_fixture.hpp"

namespace troupe {

namespace {

class admin_access_test : public config_fixture {
public:
  admin_access_test() {
    unsetenv("TROUPE_SHUTDOWN_KEY");
    unsetenv("TROUPE_ADMIN_KEY");
    unsetenv("TROUPE_TEST_KEY");
  }

  ~admin_access_test() override {
    unsetenv("TROUPE_SHUTDOWN_KEY");
    unsetenv("TROUPE_ADMIN_KEY");
    unsetenv("TROUPE_TEST_KEY");
  }
};

constexpr const char* admin_model = R"({"models": [
  {"name": "m", "type": "dummy", "access": "admin"}]})";

TEST_F(admin_access_test, is_refused_without_a_key) {
  EXPECT_EQ(
    errors(admin_model),
    lines{"c.json:2:44: error: models.0.access: the environment variable "
          "\"TROUPE_ADMIN_KEY\" is not set; \"admin\" needs it: set it to "
          "the key of these callers (server.admin.api_key_env names another "
          "variable), or use \"key\""});
}

TEST_F(admin_access_test, has_its_key_without_an_endpoint_of_shutdown) {
  setenv("TROUPE_SHUTDOWN_KEY", "k", 1);
  auto config = load(admin_model);
  EXPECT_EQ(config.server.shutdown.endpoint_key, "k");
  EXPECT_FALSE(config.server.shutdown.endpoint_enabled);
  setenv("TROUPE_TEST_KEY", "other", 1);
  config = load(admin_model, {"server.shutdown.api_key_env=TROUPE_TEST_KEY"});
  EXPECT_EQ(config.server.shutdown.endpoint_key, "other");
}

TEST_F(admin_access_test, has_its_key_from_either_variable) {
  setenv("TROUPE_ADMIN_KEY", "k", 1);
  EXPECT_EQ(load(admin_model).server.admin_key(), "k");
  setenv("TROUPE_SHUTDOWN_KEY", "k", 1);
  EXPECT_EQ(load(admin_model).server.admin_key(), "k");
  setenv("TROUPE_SHUTDOWN_KEY", "other", 1);
  auto found = errors(admin_model);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("the environment variables \"TROUPE_ADMIN_KEY\" and "
                          "\"TROUPE_SHUTDOWN_KEY\" hold different keys"),
            std::string::npos)
    << found[0];
}

TEST_F(admin_access_test, of_the_admin_endpoints_needs_the_key) {
  const auto* config = R"({"server": {"admin": {"enabled": true}},
    "models": [{"name": "m", "type": "dummy"}]})";
  auto found = errors(config);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].starts_with(
    "c.json:1:22: error: server.admin.api_key_env: the environment variable "
    "\"TROUPE_ADMIN_KEY\" is not set; "))
    << found[0];
  setenv("TROUPE_ADMIN_KEY", "k", 1);
  auto got = load(config).server;
  EXPECT_TRUE(got.admin.enabled);
  EXPECT_EQ(got.admin.key, "k");
  EXPECT_EQ(got.admin.origin.where, "c.json:1:13");
}

TEST_F(admin_access_test, of_a_spec_is_refused_without_a_key) {
  add_mcp_spec(specs_);
  auto found = errors(R"({"models": [{"name": "m", "type": "dummy"}],
    "specs": [{"type": "mcp", "options": {"access": "admin", "tools": [
      {"model": "m", "description": "d",
       "input_schema": {"type": "object"}}]}}]})");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].starts_with(
    "c.json:2:53: error: specs.0.options.access: the environment variable "
    "\"TROUPE_ADMIN_KEY\" is not set; "))
    << found[0];
}

TEST_F(admin_access_test, of_a_model_without_an_endpoint_needs_no_key) {
  EXPECT_EQ(errors(R"({"models": [
    {"name": "m", "type": "dummy", "access": "admin", "predict": false}]})"),
            lines{});
}

TEST_F(admin_access_test, stands_at_these_places) {
  config_draft draft;
  draft.models.resize(2);
  draft.models[1].options.access = access::admin;
  draft.specs.resize(1);
  draft.specs[0].options = {{"access", "admin"}};
  EXPECT_EQ(admin_entries(draft),
            (lines{"/models/1/access", "/specs/0/options/access"}));
}

} // namespace

} // namespace troupe
