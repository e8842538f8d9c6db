#include "troupe/tests/cli/config_fixture.hpp"

namespace troupe {

namespace {

class config_errors : public config_fixture {};

constexpr auto models = R"("models": [{"name": "m", "type": "dummy"}])";

/// A config whose second line is `text`.
std::string with(const std::string& text) {
  return "{" + std::string{models} + ",\n" + text + "}";
}

/// A config with one model whose second line is `text`.
std::string model_with(const std::string& text) {
  return R"({"models": [{"name": "m", "type": "dummy",)"
         "\n"
         + text + "}]}";
}

} // namespace

TEST_F(config_errors, name_type_and_range) {
  EXPECT_EQ(errors(with(R"("server": {"port": "80"})")),
            lines{"c.json:2:20: error: server.port: expected an integer from 0 "
                  "to 65535, got \"80\""});
  EXPECT_EQ(errors(with(R"("server": {"port": 65536})")),
            lines{"c.json:2:20: error: server.port: expected an integer from 0 "
                  "to 65535, got 65536"});
  EXPECT_EQ(errors(with(R"("server": {"port": -1})")).size(), 1U);
  EXPECT_EQ(errors(with(R"("server": {"port": 80.5})")).size(), 1U);
  EXPECT_EQ(errors(with(R"("server": {"port": 18446744073709551615})")).size(),
            1U);
  EXPECT_EQ(errors(with(R"("server": {"port": 1e300})")).size(), 1U);
  EXPECT_EQ(errors(with(R"("server": {"ignore_case": 1})")),
            lines{"c.json:2:27: error: server.ignore_case: expected true or "
                  "false, got 1"});
  EXPECT_EQ(errors(with(R"("server": {"host": ""})")),
            lines{"c.json:2:20: error: server.host: expected a string that is "
                  "not empty, got \"\""});
  EXPECT_EQ(errors(with(R"("server": [])")),
            lines{"c.json:2:11: error: server: expected an object, got an "
                  "empty array"});
  EXPECT_EQ(errors(with(R"("caf": 1)")),
            lines{"c.json:2:8: error: caf: expected an object, got 1"});
}

TEST_F(config_errors, name_lists_of_strings) {
  auto origins = [](std::string text) {
    return with(R"("server": {"cors": {"allow_origins": )" + text + "}}");
  };
  EXPECT_EQ(errors(origins(R"("*")")),
            lines{"c.json:2:38: error: server.cors.allow_origins: expected an "
                  "array of strings, got \"*\""});
  EXPECT_EQ(errors(origins(R"(["a", 1])")).size(), 1U);
  EXPECT_EQ(errors(origins(R"([""])")).size(), 1U);
}

TEST_F(config_errors, name_choices_and_paths) {
  EXPECT_EQ(errors(model_with(R"("execution": "thread")")),
            lines{"c.json:2:14: error: models.0.execution: expected one of "
                  "\"dedicated\", \"inline\", \"process\", got \"thread\""});
  EXPECT_EQ(errors(model_with(R"("predict": true)")),
            lines{"c.json:2:12: error: models.0.predict: expected a path that "
                  "starts with \"/\", or false, got true"});
  EXPECT_EQ(errors(with(R"("server": {"builtins": {"info": "info"}})")),
            lines{"c.json:2:33: error: server.builtins.info: expected a path "
                  "that starts with \"/\", or false, got \"info\""});
}

TEST_F(config_errors, point_at_an_unknown_key_and_name_the_nearest) {
  EXPECT_EQ(errors(model_with(R"(  "worker": 2)")),
            lines{"c.json:2:3: error: models.0.worker: unknown key \"worker\", "
                  "did you mean \"workers\"?"});
  EXPECT_EQ(errors(with(R"("routes": {"colour": 1})")),
            lines{"c.json:2:12: error: routes.colour: unknown key \"colour\"; "
                  "known here: \"on_conflict\""});
}

TEST_F(config_errors, say_where_a_misplaced_key_belongs) {
  EXPECT_EQ(errors(with(R"("port": 80)")),
            lines{"c.json:2:1: error: port: unknown key \"port\" here, did you "
                  "mean \"server.port\"?"});
  EXPECT_EQ(errors(with(R"("server": {"models": []})")),
            lines{"c.json:2:12: error: server.models: unknown key \"models\" "
                  "here, it belongs to the top level"});
}

TEST_F(config_errors, report_a_key_that_stands_twice) {
  EXPECT_EQ(errors(with("\"server\": {\"port\": 1,\n\"port\": 2}")),
            lines{"c.json:3:1: error: server.port: the key occurs twice in "
                  "this object, first at c.json:2:12; remove one"});
  EXPECT_EQ(errors(with(R"("caf": {"a": {"b": 1, "b": 2}})")).size(), 1U)
    << "also where Troupe does not look";
}

TEST_F(config_errors, come_all_at_once_in_their_order_with_a_count) {
  std::string text = "{\n"
                     "  \"server\": { \"port\": \"80\", \"io_threads\": 0 },\n"
                     "  \"models\": [\n"
                     "    { \"name\": \"a\", \"type\": \"dummi\" },\n"
                     "    { \"name\": \"a\", \"type\": \"dummy\" }, 7\n"
                     "  ]\n"
                     "}\n";
  try {
    load(text);
    FAIL() << "accepted";
  } catch (const config_error& e) {
    EXPECT_STREQ(
      e.what(),
      "c.json:2:23: error: server.port: expected an integer from 0 to 65535, "
      "got \"80\"\n"
      "c.json:2:43: error: server.io_threads: expected an integer from 1 to "
      "256, got 0\n"
      "c.json:4:28: error: models.0.type: unknown model type \"dummi\", did "
      "you mean \"dummy\"?\n"
      "c.json:5:15: error: models.1.name: the name \"a\" is taken, see "
      "c.json:4:15\n"
      "c.json:5:39: error: models.2: expected an object, got 7\n"
      "c.json: 5 errors");
  }
}

TEST_F(config_errors, report_syntax_at_its_place) {
  EXPECT_EQ(errors("{\n  \"server\": {,}\n}"),
            lines{"c.json:2:14: error: expected a key in quotes, got ','"});
  EXPECT_EQ(errors("").size(), 1U);
}

TEST_F(config_errors, report_a_file_that_cannot_be_read) {
  try {
    load_config("absent.json", {}, models_, specs_);
    FAIL() << "accepted";
  } catch (const config_error& e) {
    EXPECT_STREQ(e.what(), "absent.json: error: cannot be read: No such file "
                           "or directory\nabsent.json: 1 error");
  }
  EXPECT_THROW(load_config(".", {}, models_, specs_), config_error);
}

TEST_F(config_errors, report_a_config_that_serves_nothing) {
  lines expected{"c.json:2:1: error: nothing is served, expected at least one "
                 "entry in \"models\" or \"specs\""};
  EXPECT_EQ(errors("\n{}"), expected);
  EXPECT_EQ(errors("\n{\"models\": [], \"specs\": []}"), expected);
  EXPECT_EQ(errors("[]"), lines{"c.json:1:1: error: expected an object, got an "
                                "empty array"});
}

TEST_F(config_errors, report_missing_keys_at_their_entry) {
  EXPECT_EQ(
    errors("{\"models\": [\n  {\"type\": \"dummy\"}, {\"name\": \"\"}]}"),
    (lines{"c.json:2:3: error: models.0: the key \"name\" is missing, "
           "expected a string that is not empty",
           "c.json:2:22: error: models.1: the key \"type\" is missing, "
           "expected a string that is not empty",
           "c.json:2:31: error: models.1.name: expected a string that "
           "is not empty, got \"\""}));
}

TEST_F(config_errors, report_what_the_options_check_at_its_key) {
  EXPECT_EQ(errors("{\"models\": [{\"name\": \"a b\", \"type\": \"dummy\"}]}"),
            lines{"c.json:1:22: error: models.0.name: \"a b\" may hold "
                  "letters, digits, _ . - only"});
  auto found =
    errors(model_with(R"("restart": {"initial_backoff_ms": 20000})"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].substr(0, 40), "c.json:2:12: error: models.0.restart: ne");
}

TEST_F(config_errors, explain_a_batch_for_a_model_that_takes_none) {
  EXPECT_EQ(errors("{\"models\": [{\"name\": \"m\", \"type\": \"single\",\n"
                   "\"batch\": {\"max_size\": 8}}]}"),
            lines{"c.json:2:23: error: models.0.batch.max_size: the model type "
                  "\"single\" takes one request at a time, expected 1, got 8"});
}

TEST_F(config_errors, explain_that_a_stream_cannot_run_inline) {
  EXPECT_EQ(errors("{\"models\": [{\"name\": \"m\", \"type\": \"flow\",\n"
                   "\"execution\": \"inline\"}]}"),
            lines{"c.json:2:14: error: models.0.execution: the model type "
                  "\"flow\" yields a stream and waits for its reader, expected "
                  "\"dedicated\", got \"inline\""});
}

TEST_F(config_errors, explain_that_a_model_of_steps_cannot_run_inline) {
  EXPECT_EQ(errors("{\"models\": [{\"name\": \"m\", \"type\": \"steps\",\n"
                   "\"execution\": \"inline\"}]}"),
            lines{"c.json:2:14: error: models.0.execution: the model type "
                  "\"steps\" takes its thread for itself while requests are "
                  "live, expected \"dedicated\", got \"inline\""});
}

TEST_F(config_errors, report_malformed_patterns) {
  auto found = errors(model_with(R"("predict": "/a/{b")"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].starts_with("c.json:2:12: error: models.0.predict: "))
    << found[0];
  found = errors(with(R"("server": {"builtins": {"info": "/a//b"}})"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(
    found[0].starts_with("c.json:2:33: error: server.builtins.info: "))
    << found[0];
}

TEST_F(config_errors, report_malformed_paths_of_every_built_in) {
  for (const auto& x : builtin_table) {
    const std::string name{x.name};
    auto found =
      errors(with(R"("server": {"builtins": {")" + name + R"(": "/a//b"}})"));
    ASSERT_EQ(found.size(), 1U) << name;
    EXPECT_TRUE(found[0].starts_with("c.json:2:")) << found[0];
    EXPECT_NE(found[0].find(": error: server.builtins." + name + ": "),
              std::string::npos)
      << found[0];
  }
}

TEST_F(config_errors, report_what_a_factory_throws_at_its_key) {
  std::string head = "{\"models\": [{\"name\": \"m\", \"type\": \"picky\"";
  EXPECT_EQ(errors(head + ",\n\"options\": {\"depth\": 1}}]}"),
            lines{"c.json:2:22: error: models.0.options.depth: expected "
                  "something else"});
  EXPECT_EQ(errors(head + ",\n\"options\": {\"where\": \"path\"}}]}"),
            lines{"c.json:1:13: error: models.0.path: expected something "
                  "else"})
    << "a key that is not there is reported at its entry";
}

TEST_F(config_errors, list_the_known_spec_types) {
  EXPECT_EQ(errors(with(R"("specs": [{"type": "openai"}])")),
            lines{"c.json:2:20: error: specs.0.type: unknown spec type "
                  "\"openai\"; known here: \"probe\""});
  specs_ = {};
  EXPECT_EQ(errors(with(R"("specs": [{"type": "openai"}])")),
            lines{"c.json:2:20: error: specs.0.type: unknown spec type "
                  "\"openai\"; this build has none: specs are written in C++ "
                  "for now, and added with server::add"});
}

TEST_F(config_errors, report_a_spec_for_a_model_that_is_not_served) {
  EXPECT_EQ(
    errors(with(R"("specs": [{"type": "probe", "model": "n"}])")).size(), 1U);
  specs_.add("picky", [](const spec_config&) -> std::shared_ptr<spec> {
    throw model_config_error("model", "there is none");
  });
  EXPECT_EQ(
    errors(with(R"("specs": [{"type": "picky", "model": "n"}])")).size(), 1U)
    << "its factory is not asked, which would say so again";
  EXPECT_EQ(errors(with(R"("specs": [{"type": "probe", "prefix": "v1"}])")),
            lines{"c.json:2:39: error: specs.0.prefix: expected a path that "
                  "starts with \"/\", or \"\", got \"v1\""});
}

TEST_F(config_errors, say_which_environment_variable_is_missing) {
  unsetenv("TROUPE_TEST_KEY");
  auto text = with(R"("server": {"api_key_env": "TROUPE_TEST_KEY"})");
  EXPECT_EQ(errors(text),
            lines{"c.json:2:27: error: server.api_key_env: the environment "
                  "variable \"TROUPE_TEST_KEY\" is not set; set it to the "
                  "key, or remove this line and unset it to ask for no key"});
  setenv("TROUPE_TEST_KEY", "", 1);
  auto found = errors(text);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("\"TROUPE_TEST_KEY\" is empty"), std::string::npos);
  unsetenv("TROUPE_TEST_KEY");
}

TEST_F(config_errors, refuse_keys_that_no_client_can_send) {
  auto text = with(R"("server": {"api_key_env": "TROUPE_TEST_KEY",
    "shutdown": {"enabled": true, "api_key_env": "TROUPE_TEST_KEY"}})");
  for (auto key : {"secret\n", " ", "secret ",
                   "se\x1b"
                   "cret"}) {
    setenv("TROUPE_TEST_KEY", key, 1);
    auto found = errors(text);
    ASSERT_EQ(found.size(), 2U) << key;
    EXPECT_TRUE(found[0].starts_with("c.json:2:27: error: server.api_key_env: "
                                     "the environment variable "
                                     "\"TROUPE_TEST_KEY\" "))
      << found[0];
    EXPECT_TRUE(found[1].starts_with("c.json:3:")) << found[1];
    EXPECT_EQ((found[0] + found[1]).find("secret"), std::string::npos);
  }
  unsetenv("TROUPE_TEST_KEY");
  setenv("TROUPE_API_KEY", "secret\n", 1);
  auto found = errors(with(R"("server": {})"));
  unsetenv("TROUPE_API_KEY");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("\"TROUPE_API_KEY\" ends with a line break"),
            std::string::npos)
    << found[0];
  EXPECT_TRUE(found[0].ends_with("or unset it to ask for no key")) << found[0];
}

TEST_F(config_errors, ask_for_the_key_of_an_enabled_shutdown) {
  unsetenv("TROUPE_SHUTDOWN_KEY");
  auto found = errors(with("\"server\":\n{\"shutdown\": {\"enabled\": true}}"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(found[0].starts_with(
    "c.json:3:14: error: server.shutdown.api_key_env: the environment "
    "variable \"TROUPE_SHUTDOWN_KEY\" is not set; "))
    << found[0];
}

TEST_F(config_errors, cut_long_values) {
  auto found =
    errors(with("\"server\": {\"port\": \"" + std::string(500, 'x') + "\"}"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_LT(found[0].size(), 160U);
}

} // namespace troupe
