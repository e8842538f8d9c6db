#include "troupe/cli/config/keys/supervision_keys.hpp"
#include "troupe/tests/cli/config_fixture.hpp"

#include <algorithm>
#include <chrono>

using namespace troupe;

namespace {

using std::chrono::milliseconds;

class supervision_keys : public config_fixture {
protected:
  static std::string with(const std::string& more) {
    std::string result{R"({"models": [{"name": "m", "type": "dummy", )"};
    return result.append(more).append("}]}");
  }

  lines errors_with(const std::string& more) {
    return errors(with(more));
  }
};

} // namespace

TEST_F(supervision_keys, workers_are_a_number_or_a_range) {
  auto config = load(with(R"("workers": 3)"));
  EXPECT_EQ(config.models[0].options.workers.range(), (worker_range{3, 3}));
  config = load(with(R"("workers": {"min": 2, "max": 8, "grow_after_ms": 50,
    "shrink_after_ms": 100, "utilisation": 0.5})"));
  const auto& x = config.models[0].options.workers;
  EXPECT_EQ(x.range(), (worker_range{2, 8}));
  EXPECT_EQ(x.grow_after, milliseconds{50});
  EXPECT_EQ(x.shrink_after, milliseconds{100});
  EXPECT_EQ(x.utilisation, 0.5);
  config = load(with(R"("workers": {"max": 4})"));
  EXPECT_EQ(config.models[0].options.workers.range(), (worker_range{1, 4}));
}

TEST_F(supervision_keys, workers_that_cannot_be_are_refused) {
  EXPECT_EQ(errors_with(R"("workers": 0)"),
            (lines{"c.json:1:55: error: models.0.workers: expected an integer "
                   "from 1 to 1024, or "
                   "an object, got 0"}));
  EXPECT_EQ(errors_with(R"("workers": {"min": 2})"),
            (lines{"c.json:1:55: error: models.0.workers: the key \"max\" is "
                   "missing, expected "
                   "an integer from 1 to 1024"}));
  EXPECT_EQ(errors_with(R"("workers": {"min": 3, "max": 2})").size(), 1U);
  EXPECT_EQ(errors_with(R"("workers": {"max": 2, "most": 3})").size(), 1U);
  EXPECT_EQ(
    errors_with(R"("workers": {"max": 2}, "execution": "inline")").size(), 1U);
  EXPECT_EQ(errors_with(R"("workers": {"max": 2, "utilisation": 1.5})").size(),
            1U);
}

TEST_F(supervision_keys, go_to_their_places) {
  auto config =
    load(with(R"("restart": {"unhealthy_after_ms": 70}, "supervision":
    {"group": "g", "strategy": "one_for_all", "escalation": "server-not-ready"})"));
  const auto& x = config.models[0].options;
  EXPECT_EQ(x.restart.unhealthy_after, milliseconds{70});
  EXPECT_EQ(x.restart.supervision.group, "g");
  EXPECT_EQ(x.restart.supervision.strategy, group_strategy::one_for_all);
  EXPECT_EQ(x.escalates(), escalation::server_not_ready);
}

TEST_F(supervision_keys, a_required_model_escalates_more) {
  EXPECT_EQ(load(with(R"("required": true)")).models[0].options.escalates(),
            escalation::exit);
  EXPECT_EQ(load(with(R"("required": false)")).models[0].options.escalates(),
            escalation::model_not_ready);
}

TEST_F(supervision_keys, a_group_has_one_strategy) {
  auto found = errors(R"({"models": [
    {"name": "a", "type": "dummy", "predict": "/a",
     "supervision": {"group": "g", "strategy": "one_for_all"}},
    {"name": "b", "type": "dummy", "predict": "/b",
     "supervision": {"group": "g"}}]})");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("the models of a group have one strategy, expected "
                          "\"one_for_all\" as for the model \"a\""),
            std::string::npos)
    << found[0];
  EXPECT_EQ(errors_with(R"("supervision": {"strategy": "one_for_all"})").size(),
            1U)
    << "without a group";
}

TEST_F(supervision_keys, health_is_for_models_that_have_it) {
  auto found = errors(R"({"models": [{"name": "m", "type": "single",
    "restart": {"unhealthy_after_ms": 5}}]})");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("has no health hook"), std::string::npos) << found[0];
}

TEST_F(supervision_keys, a_node_has_a_fixed_number_of_workers) {
  auto found = errors(R"({"cluster": {"join": "127.0.0.1:7411"},
    "models": [{"name": "m", "type": "dummy", "workers": {"max": 4}}]})");
  ASSERT_FALSE(found.empty());
}

TEST_F(supervision_keys, say_when_a_model_is_loaded) {
  const auto kept = load(with(R"("keep_alive_ms": 5000)"))
                      .models[0]
                      .options.restart.supervision;
  EXPECT_EQ(kept.keep_alive, milliseconds{5000});
  EXPECT_EQ(kept.load, load_time::start);
  const auto lazy =
    load(with(R"("keep_alive_ms": false, "load": "first_request")"))
      .models[0]
      .options.restart.supervision;
  EXPECT_EQ(lazy.keep_alive, milliseconds{0});
  EXPECT_EQ(lazy.load, load_time::first_request);
  EXPECT_EQ(errors_with(R"("keep_alive_ms": -1)").size(), 1U);
  EXPECT_EQ(errors_with(R"("load": "later")").size(), 1U);
}

TEST_F(supervision_keys, refuse_to_unload_what_stays) {
  for (const auto* more :
       {R"("keep_alive_ms": 9, "execution": "inline")",
        R"("load": "first_request", "execution": "inline")"}) {
    const auto found = errors_with(more);
    ASSERT_EQ(found.size(), 1U) << more;
    EXPECT_NE(found[0].find("an inline model has its workers"),
              std::string::npos)
      << found[0];
  }
  for (const auto* key : {R"("keep_alive_ms": 9)", R"("load": "start")"}) {
    const auto found =
      errors(std::string{R"({"models": [{"name": "p", "type": "pipeline", )"}
               .append(key)
               .append(R"(, "options": {"steps": [{"value": 1}]}}]})"));
    EXPECT_TRUE(std::any_of(found.begin(), found.end(),
                            [](const auto& x) {
                              return x.find("a pipeline has none")
                                     != std::string::npos;
                            }))
      << key;
  }
  const auto found =
    errors(R"({"cluster": {"listen": "127.0.0.1:7400"}, "models": [
      {"name": "m", "type": "dummy", "nodes": {"enabled": true},
       "keep_alive_ms": 9}]})");
  ASSERT_FALSE(found.empty());
  EXPECT_NE(found[0].find("a model that nodes serve is not unloaded here"),
            std::string::npos)
    << found[0];
}
