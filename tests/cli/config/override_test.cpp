#include "troupe/tests/cli/config_fixture.hpp"

namespace troupe {

namespace {

class overrides : public config_fixture {};

constexpr auto two_models = R"({"server": {"port": 1}, "models": [
  {"name": "digits", "type": "dummy", "workers": 1},
  {"name": "llama-3.1", "type": "dummy"},
  {"name": "llama-3", "type": "dummy"}]})";

} // namespace

TEST_F(overrides, stand_above_the_file) {
  auto config = load(two_models, {"server.port=9000", "server.host=::1"});
  EXPECT_EQ(config.server.port, 9000);
  EXPECT_EQ(config.server.host, "::1")
    << "a value that is not JSON is a string";
}

TEST_F(overrides, apply_in_their_order) {
  EXPECT_EQ(load(two_models, {"server.port=2", "server.port=3"}).server.port,
            3);
  EXPECT_EQ(load(two_models, {"server.port=2", "server={}"}).server.port, 8000);
}

TEST_F(overrides, make_the_objects_on_their_way) {
  auto config = load(two_models, {"server.shutdown.grace_ms=5",
                                  "caf.scheduler.max-threads=2",
                                  "models.0.batch.max_size=4"});
  EXPECT_EQ(config.server.shutdown.grace.count(), 5);
  EXPECT_EQ(config.caf["scheduler"]["max-threads"], 2);
  EXPECT_EQ(config.models[0].options.batch.max_size, 4U);
}

TEST_F(overrides, find_models_by_index_and_by_name) {
  auto config = load(
    two_models, {"models.0.device=a", "models.digits.workers=4",
                 "models.llama-3.1.workers=5", "models.llama-3.workers=6"});
  EXPECT_EQ(config.models[0].options.device, "a");
  EXPECT_EQ(config.models[0].options.workers, 4U);
  EXPECT_EQ(config.models[1].options.workers, 5U);
  EXPECT_EQ(config.models[2].options.workers, 6U);
}

TEST_F(overrides, may_hold_whole_lists_and_equals_signs) {
  auto config = load("{}", {R"(models=[{"name": "m", "type": "dummy"}])",
                            "models.m.device=a=b", "models.m.predict=false"});
  EXPECT_EQ(config.models.at(0).options.device, "a=b");
  EXPECT_EQ(config.models.at(0).options.predict, std::nullopt);
}

TEST_F(overrides, are_named_in_errors_after_those_of_the_file) {
  EXPECT_EQ(errors(two_models, {"server.port=x", "models.0.worker=1",
                                "server.limits.max_connections=0"}),
            (lines{"--set server.port=x: error: server.port: expected an "
                   "integer from 0 to 65535, got \"x\"",
                   "--set models.0.worker=1: error: models.0.worker: unknown "
                   "key \"worker\", did you mean \"workers\"?",
                   "--set server.limits.max_connections=0: error: "
                   "server.limits.max_connections: expected an integer from 1 "
                   "to 10000000, got 0"}))
    << "the order is that of keys in the document";
  auto found = errors(R"({"models": [{"name": "m", "type": "dummi"}]})",
                      {"server.port=x"});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_TRUE(found[0].starts_with("c.json:1:"));
  EXPECT_TRUE(found[1].starts_with("--set server.port=x: "));
}

TEST_F(overrides, hide_the_places_of_what_they_replaced) {
  EXPECT_EQ(
    errors(two_models, {R"(server={"port": "x"})"}),
    lines{"--set server={\"port\": \"x\"}: error: server.port: expected "
          "an integer from 0 to 65535, got \"x\""});
  EXPECT_EQ(errors(two_models, {R"(models=[{"name": "m"}])"}),
            lines{"--set models=[{\"name\": \"m\"}]: error: models.0: the key "
                  "\"type\" is missing, expected a string that is not empty"});
}

TEST_F(overrides, report_paths_that_lead_nowhere) {
  auto one = [&](const std::string& assignment) {
    auto found = errors(two_models, {assignment});
    return found.size() == 1 ? found[0] : std::to_string(found.size());
  };
  EXPECT_EQ(one("server.port"),
            "--set server.port: error: expected path.to.key=value");
  EXPECT_EQ(one("=1"), "--set =1: error: expected path.to.key=value");
  EXPECT_EQ(one("server..port=1"), "--set server..port=1: error: the path has "
                                   "an empty step, expected "
                                   "path.to.key=value");
  EXPECT_EQ(one("models.digit.workers=1"),
            "--set models.digit.workers=1: error: there is no entry \"digit\" "
            "in models, did you mean \"digits\"?");
  EXPECT_EQ(one("models.3.workers=1"),
            "--set models.3.workers=1: error: there is no entry \"3\" in "
            "models, expected an index from 0 to 2 or one of \"digits\", "
            "\"llama-3.1\", \"llama-3\"");
  EXPECT_EQ(one("specs.0.type=probe"),
            "--set specs.0.type=probe: error: there is no entry \"0\", specs "
            "has none");
  EXPECT_EQ(one("server.port.x=1"),
            "--set server.port.x=1: error: server.port is not an object, it "
            "has no key \"x\"");
  std::string deep = "caf";
  for (int i = 0; i < 1000; ++i)
    deep += ".a";
  EXPECT_NE(one(deep + "=1").find("the path is too long"), std::string::npos);
}

} // namespace troupe
