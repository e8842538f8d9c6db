#include "troupe/cli/config/reload/config_keeper.hpp"
#include "troupe/tests/cli/config_fixture.hpp"

namespace troupe {

namespace {

using nlohmann::json;

class config_keeper_test : public config_fixture {
public:
  void start(std::string_view text) {
    keeper = std::make_unique<config_keeper>(
      load(text), [this] { return load_config("c.json", {}, models_, specs_); },
      models_, specs_);
  }

  /// What a reload of this text finds wrong.
  config_refused refusal_of(std::string_view text) {
    write("c.json", text);
    try {
      keeper->reload();
    } catch (const config_refused& e) {
      return e;
    }
    ADD_FAILURE() << "accepted";
    return {"", {}};
  }

  static std::vector<std::string>
  names_of(const std::vector<model_definition>& xs) {
    std::vector<std::string> result;
    for (const auto& x : xs)
      result.push_back(x.options.name);
    return result;
  }

  std::unique_ptr<config_keeper> keeper;
};

constexpr const char* kept_model =
  R"({"models": [{"name": "m", "type": "dummy"}]})";

TEST_F(config_keeper_test, plans_nothing_for_a_config_that_is_the_same) {
  start(kept_model);
  auto x = keeper->reload();
  EXPECT_TRUE(x.change.empty());
  EXPECT_EQ(x.differences, json::array());
}

TEST_F(config_keeper_test, plans_what_differs) {
  start(R"({"models": [{"name": "m", "type": "dummy"},
                       {"name": "n", "type": "dummy"}],
            "specs": [{"type": "probe"}]})");
  write("c.json", R"({"server": {"timeout_ms": 5},
    "models": [{"name": "m", "type": "dummy", "timeout_ms": 7},
               {"name": "o", "type": "dummy"}]})");
  auto x = keeper->reload();
  EXPECT_EQ(names_of(x.change.kept_models), lines{"m"});
  EXPECT_EQ(names_of(x.change.models), lines{"o"});
  EXPECT_EQ(x.change.removed_models, lines{"n"});
  EXPECT_EQ(x.change.removed_specs, lines{"probe"});
  ASSERT_TRUE(x.change.options);
  EXPECT_EQ(x.change.options->timeout.count(), 5);
  // Until it was made, the old one counts.
  EXPECT_FALSE(keeper->reload().change.empty());
  x.made();
  EXPECT_TRUE(keeper->reload().change.empty());
}

TEST_F(config_keeper_test, refuses_with_every_reason_and_its_place) {
  start(kept_model);
  auto e = refusal_of("{\n\"server\": {\"prot\": 1},\n\"models\": "
                      "[{\"name\": \"m\", \"type\": \"dumy\"}]}");
  ASSERT_EQ(e.faults().size(), 2U);
  EXPECT_EQ(e.faults()[0]["where"], "c.json:2:12");
  EXPECT_EQ(e.faults()[1]["pointer"], "/models/0/type");
  e = refusal_of("{");
  EXPECT_EQ(e.faults().size(), 1U);
}

TEST_F(config_keeper_test, refuses_what_needs_a_restart) {
  start(kept_model);
  auto e = refusal_of("{\"server\":\n  {\"port\": 1234},\n\"models\": "
                      "[{\"name\": \"m\", \"type\": \"dummy\"}]}");
  ASSERT_EQ(e.faults().size(), 1U);
  EXPECT_EQ(e.faults()[0]["where"], "c.json:2:12");
  EXPECT_EQ(e.faults()[0]["message"],
            "server.port: 8000 -> 1234, needs a restart");
}

TEST_F(config_keeper_test, sees_another_key) {
  unsetenv("TROUPE_API_KEY");
  start(kept_model);
  setenv("TROUPE_API_KEY", "k", 1);
  auto x = keeper->reload();
  unsetenv("TROUPE_API_KEY");
  ASSERT_TRUE(x.change.options);
  EXPECT_EQ(x.change.options->api_key, "k");
  EXPECT_EQ(x.differences, json{"server: the API key has changed"});
}

TEST_F(config_keeper_test, reads_an_entry_with_its_places) {
  start(kept_model);
  auto x = keeper->put_model("n", R"({"type": "dummy", "workers": 3})");
  ASSERT_EQ(names_of(x.change.models), lines{"n"});
  EXPECT_EQ(x.change.models[0].options.workers, 3U);
  try {
    keeper->put_model("n", "{\"type\": \"dummy\",\n\"workers\": \"3\",\n"
                           "\"timeout\": 1}");
    ADD_FAILURE() << "accepted";
  } catch (const config_refused& e) {
    ASSERT_EQ(e.faults().size(), 2U);
    EXPECT_EQ(e.faults()[0]["where"], "body:2:12");
    EXPECT_EQ(e.faults()[0]["pointer"], "/workers");
    EXPECT_EQ(e.faults()[1]["where"], "body:3:1");
  }
  try {
    keeper->put_model("n", R"({"type": "dumy"})");
    ADD_FAILURE() << "accepted";
  } catch (const config_refused& e) {
    EXPECT_EQ(e.faults()[0]["where"], "body:1:10");
  }
  EXPECT_THROW(keeper->put_model("n", R"({"name": "o", "type": "dummy"})"),
               config_refused);
  EXPECT_THROW(keeper->put_model("n", "[]"), config_refused);
  EXPECT_THROW(keeper->put_model("n", "{"), config_refused);
}

TEST_F(config_keeper_test, keeps_models_that_the_config_does_not_name) {
  start(kept_model);
  keeper->put_model("n", R"({"type": "dummy"})").made();
  EXPECT_TRUE(keeper->reload().change.empty());
  keeper->put_model("m", R"({"type": "dummy", "device": "x"})").made();
  auto x = keeper->reload();
  EXPECT_EQ(names_of(x.change.models), lines{"m"}) << "as the config has it";
  EXPECT_EQ(x.change.removed_models, lines{});
  x.made();
  EXPECT_TRUE(keeper->reload().change.empty());
  keeper->remove_model("m").made();
  EXPECT_EQ(names_of(keeper->reload().change.models), lines{"m"});
}

TEST_F(config_keeper_test, changes_a_part_of_an_entry) {
  start(kept_model);
  auto x = keeper->patch_model("m", {{"timeout_ms", 5}});
  ASSERT_EQ(names_of(x.change.kept_models), lines{"m"});
  EXPECT_EQ(x.change.kept_models[0].options.timeout->count(), 5);
  x.made();
  EXPECT_EQ(keeper->document()["config"]["models"][0]["timeout_ms"], 5);
  EXPECT_THROW(keeper->patch_model("m", {{"type", "single"}}), config_refused);
  EXPECT_THROW(keeper->patch_model("m", {{"timeout_ms", "x"}}), config_refused);
  EXPECT_THROW(keeper->patch_model("n", {{"timeout_ms", 5}}), config_refused);
}

} // namespace

} // namespace troupe
