#include "troupe/specs/pipeline/pipeline.hpp"
#include "troupe/specs/pipeline/pipeline_checks.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace troupe {

namespace {

class pipelines : public testing::Test {
protected:
  model_definition& model(std::string name) {
    model_definition x;
    x.options.name = std::move(name);
    return put(std::move(x));
  }

  model_definition& chain(std::string name, pipeline_steps steps) {
    model_options options;
    options.name = std::move(name);
    return put(make_pipeline(std::move(options), std::move(steps)));
  }

  /// Each fault on a line: `MODEL at WHERE: WHAT`.
  [[nodiscard]] std::string faults() const {
    std::string result;
    std::vector<const model_definition*> all;
    for (const auto& x : models_)
      all.push_back(x.get());
    for (const auto& x : check_pipelines(all))
      result += x.model + " at " + x.where + ": " + x.what + '\n';
    return result;
  }

  static pipeline_steps calls(std::initializer_list<const char*> names) {
    pipeline_steps result;
    for (const auto* x : names)
      result.call(x);
    return result;
  }

private:
  model_definition& put(model_definition x) {
    models_.push_back(std::make_unique<model_definition>(std::move(x)));
    return *models_.back();
  }

  std::vector<std::unique_ptr<model_definition>> models_;
};

} // namespace

TEST_F(pipelines, may_ask_models_and_pipelines) {
  model("a");
  chain("b", calls({"a"}));
  chain("c", calls({"a", "b"}));
  EXPECT_EQ(faults(), "");
}

TEST_F(pipelines, ask_models_that_are_there) {
  model("digits");
  pipeline_steps body;
  body.call("digit");
  pipeline_steps steps;
  steps.call("digits").map(nullptr, body);
  chain("c", steps);
  EXPECT_EQ(faults(),
            "c at steps.1.steps.0.model: unknown model \"digit\", did "
            "you mean \"digits\"?\n");
}

TEST_F(pipelines, do_not_ask_themselves) {
  chain("a", calls({"b"}));
  chain("b", calls({"c"}));
  chain("c", calls({"a"}));
  const auto text = faults();
  EXPECT_NE(text.find("a at : the pipeline asks itself: a -> b -> c -> a"),
            std::string::npos)
    << text;
  EXPECT_NE(text.find("c -> a -> b -> c"), std::string::npos) << text;
}

TEST_F(pipelines, have_a_stream_at_their_end_only) {
  model("items").streaming = true;
  model("a");
  chain("end", calls({"a", "items"}));
  EXPECT_EQ(faults(), "");
  chain("middle", calls({"items", "a"}));
  chain("inner", calls({"end", "a"}));
  const auto text = faults();
  EXPECT_NE(text.find("middle at steps.0.model: the model \"items\" yields a "
                      "stream"),
            std::string::npos)
    << text;
  EXPECT_NE(text.find("inner at steps.0.model: the model \"end\" yields"),
            std::string::npos)
    << text;
}

TEST_F(pipelines, let_nobody_in_whom_a_model_keeps_out) {
  model("secret").options.access = access::admin;
  chain("c", calls({"secret"}));
  EXPECT_EQ(faults(),
            "c at steps.0.model: the model's access is \"admin\", that "
            "of this pipeline is \"key\"; set the pipeline's access to "
            "\"admin\"\n");
}

} // namespace troupe
