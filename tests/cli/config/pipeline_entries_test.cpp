#include "troupe/models/registry.hpp"
#include "troupe/specs/pipeline/pipeline.hpp"
#include "troupe/tests/cli/config_fixture.hpp"

namespace troupe {

namespace {

class pipeline_entries : public config_fixture {
protected:
  pipeline_entries() {
    add_pipeline_model(models_);
  }

  /// A config with two models, whose second line is this entry of a pipeline.
  static std::string beside(const std::string& entry) {
    std::string result{R"({"models": [{"name": "m", "type": "dummy"},
{"name": "p", "predict": "/p", "type": "pipeline", )"};
    return result.append(entry).append("}]}");
  }

  /// What is wrong with it, as one text.
  std::string fault_of(const std::string& entry) {
    std::string result;
    for (const auto& x : errors(beside(entry)))
      result.append(x).append("\n");
    return result;
  }

  static constexpr auto asks_m = R"("options": {"steps": [{"model": "m"}]})";
};

} // namespace

TEST_F(pipeline_entries, ask_models_of_the_config) {
  auto loaded = load(beside(asks_m));
  ASSERT_EQ(loaded.models.size(), 2U);
  ASSERT_NE(loaded.models[1].pipeline, nullptr);
  EXPECT_EQ(loaded.models[1].pipeline->models(), std::vector<std::string>{"m"});
}

TEST_F(pipeline_entries, name_the_place_of_an_unknown_model) {
  EXPECT_EQ(fault_of(R"("options": {"steps": [{"model": "n"}]})"),
            "c.json:2:84: error: models.1.options.steps.0.model: unknown model "
            "\"n\", did you mean \"m\"?\n");
}

TEST_F(pipeline_entries, name_the_place_of_a_wrong_step) {
  EXPECT_EQ(
    fault_of(R"("options": {"steps": [{"modell": "m"}]})").substr(0, 60),
    "c.json:2:74: error: models.1.options.steps.0: expected a ste");
}

TEST_F(pipeline_entries, have_no_keys_about_workers) {
  const auto text = fault_of(
    std::string{R"("workers": 2, "queue": {"priority": true}, )"}.append(
      asks_m));
  EXPECT_NE(text.find("models.1.workers: is for workers, and a pipeline has "
                      "none"),
            std::string::npos)
    << text;
  EXPECT_NE(text.find("models.1.queue.priority: is for requests that wait"),
            std::string::npos)
    << text;
}

TEST_F(pipeline_entries, may_have_a_cache) {
  auto loaded = load(beside(
    std::string{R"("cache": {"max_bytes": 5, "ttl_ms": false}, )"}.append(
      asks_m)));
  EXPECT_EQ(loaded.models[1].cache.max_bytes, 5U);
  EXPECT_EQ(loaded.models[1].cache.ttl.count(), 0);
}

TEST_F(pipeline_entries, are_refused_a_cache_that_keeps_nothing) {
  const auto text =
    fault_of(std::string{R"("cache": {"vary": ["X"]}, )"}.append(asks_m));
  EXPECT_NE(text.find("models.1.cache.vary: has no effect without "
                      "cache.max_bytes"),
            std::string::npos)
    << text;
}

} // namespace troupe
