#include "troupe/cli/config/idle_keys.hpp"
#include "troupe/tests/cli/config_fixture.hpp"

namespace troupe {

namespace {

class idle_keys_test : public config_fixture {
protected:
  /// What is wrong with a part of the section `server`.
  std::vector<std::string> of_server(const std::string& part) {
    return errors(R"({"models": [{"name": "m", "type": "dummy"}],)"
                  "\n\"server\": {"
                  + part + "}}");
  }

  /// What is wrong with a model of a type.
  std::vector<std::string> of_model(const std::string& part,
                                    const std::string& type = "dummy") {
    return errors(R"({"models": [{"name": "m", "type": ")" + type + "\",\n"
                  + part + "}]}");
  }
};

using lines = std::vector<std::string>;

TEST_F(idle_keys_test, of_a_rate_limit_without_a_rate) {
  EXPECT_EQ(of_server(R"("rate_limit": {"key_header": "X-Tenant"})"),
            lines{"c.json:2:27: error: server.rate_limit.key_header: has no "
                  "effect without \"per_second\"; set that, or take this out"});
  EXPECT_EQ(of_server(R"("rate_limit": {"burst": 2, "max_clients": 3})").size(),
            2U);
  EXPECT_EQ(of_server(R"("rate_limit": {"per_second": 0, "burst": 2})"),
            lines{})
    << "switched off on purpose";
  EXPECT_EQ(errors(R"({"models": [{"name": "m", "type": "dummy"}]})",
                   {"server.rate_limit.burst=2"})
              .size(),
            1U);
}

TEST_F(idle_keys_test, of_cors_without_an_origin) {
  EXPECT_EQ(of_server(R"("cors": {"max_age_s": 5})"),
            lines{"c.json:2:21: error: server.cors.max_age_s: has no effect "
                  "without \"allow_origins\"; set that, or take this out"});
  EXPECT_EQ(of_server(R"("cors": {"allow_origins": ["*"], "max_age_s": 5})"),
            lines{});
}

TEST_F(idle_keys_test, of_batches_without_a_size) {
  EXPECT_EQ(of_model(R"("batch": {"max_delay_ms": 2})"),
            lines{"c.json:2:27: error: models.0.batch.max_delay_ms: has no "
                  "effect without batches; set batch.max_size to more than 1, "
                  "or take this out"});
  EXPECT_EQ(of_model(R"("batch": {"max_delay_ms": 2, "max_size": 2})"),
            lines{});
}

TEST_F(idle_keys_test, of_hanging_workers_that_are_not_replaced) {
  EXPECT_EQ(
    of_model(R"("execution": "inline", "hang": {"policy": "replace"})"),
    lines{"c.json:2:33: error: models.0.hang.policy: has no effect on an "
          "inline model, whose workers have no threads that could be "
          "replaced; take this out, or set execution to \"dedicated\""});
  EXPECT_EQ(of_model(R"("execution": "inline", "hang": {"policy": "report"})"),
            lines{});
  EXPECT_EQ(
    of_model(R"("hang": {"policy": "report", "max_replaced": 1})").size(), 1U);
  EXPECT_EQ(of_model(R"("hang": {"after_ms": 7, "max_replaced": 1})"), lines{});
  auto got =
    of_model(R"("execution": "process", "hang": {"policy": "report"})");
  ASSERT_EQ(got.size(), 1U);
  EXPECT_NE(got.front().find("a process that hangs is ended"),
            std::string::npos)
    << got.front();
  EXPECT_EQ(
    of_model(R"("execution": "process", "hang": {"policy": "replace"})"),
    lines{});
}

TEST_F(idle_keys_test, of_a_body_that_nobody_sends) {
  EXPECT_EQ(of_model(R"("predict": false, "max_body_bytes": 7)"),
            lines{"c.json:2:19: error: models.0.max_body_bytes: has no effect "
                  "without a predict endpoint; take this out"});
}

TEST_F(idle_keys_test, of_health_that_a_model_does_not_tell) {
  EXPECT_EQ(of_model(R"("health_interval_ms": 7)", "single"),
            lines{"c.json:2:1: error: models.0.health_interval_ms: has no "
                  "effect: the model type \"single\" has no health hook; take "
                  "this out"});
  EXPECT_EQ(of_model(R"("health_interval_ms": 7)"), lines{});
}

TEST_F(idle_keys_test, of_a_key_that_nothing_asks_for) {
  EXPECT_EQ(of_server(R"("shutdown": {"api_key_env": "X"})"),
            lines{"c.json:2:25: error: server.shutdown.api_key_env: has no "
                  "effect without \"enabled\" and without an access \"admin\"; "
                  "set one of them, or take this out"});
  EXPECT_EQ(of_server(R"("shutdown": {"enabled": false, "api_key_env": "X"})"),
            lines{})
    << "switched off on purpose";
}

TEST_F(idle_keys_test, of_an_endpoint_of_shutdown_that_is_off) {
  EXPECT_EQ(of_server(R"("builtins": {"shutdown": "/end"})"),
            lines{"c.json:2:25: error: server.builtins.shutdown: has no effect "
                  "without \"server.shutdown.enabled\"; set that, or take this "
                  "out"});
  EXPECT_EQ(of_server(R"("builtins": {"shutdown": false})"), lines{});
  setenv("TROUPE_SHUTDOWN_KEY", "k", 1);
  EXPECT_EQ(of_server(R"("builtins": {"shutdown": false},
                         "shutdown": {"enabled": true})"),
            lines{"c.json:3:39: error: server.shutdown.enabled: has no effect "
                  "while server.builtins.shutdown is false; take one of them "
                  "out"});
  unsetenv("TROUPE_SHUTDOWN_KEY");
}

TEST_F(idle_keys_test, of_metadata_that_nothing_shows) {
  EXPECT_EQ(of_server(R"("metadata": 1, "builtins": {"info": false})"),
            lines{"c.json:2:12: error: server.metadata: has no effect while "
                  "server.builtins.info is false, which would show it; take "
                  "one of them out"});
}

} // namespace

} // namespace troupe
