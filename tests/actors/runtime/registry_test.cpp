#include "troupe/actors/runtime/registry.hpp"
#include "troupe/specs/pipeline/pipeline.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace troupe {

namespace {

model_definition model_named(std::string name,
                             std::optional<std::string> predict = "/predict") {
  model_definition result;
  result.options.name = std::move(name);
  result.options.predict = std::move(predict);
  return result;
}

registry::spec_entry spec_named(std::string name, std::string where = "") {
  auto made = std::make_shared<spec>(std::move(name));
  made->prefix = "/v2";
  made->error_scope = "/x";
  made->get("/x", [](const auto&, auto&) { return outcome{}; });
  made->post("/y", [](const auto&, auto&) { return outcome{}; });
  registry::spec_entry result{std::move(made), {}};
  result.origin.where = std::move(where);
  return result;
}

/// What is refused, or "".
std::string refusal(const std::function<void()>& f) {
  try {
    f();
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "";
}

/// Shows the entries of a change: owner, pattern and target.
std::vector<std::string> entries_text(const table_change& x) {
  std::vector<std::string> result;
  for (const auto& e : x.add)
    result.push_back(e.owner + ' ' + e.endpoint.pattern + ' '
                     + std::to_string(e.target_index));
  return result;
}

using lines = std::vector<std::string>;

TEST(registry, makes_an_entry_for_each_endpoint_and_a_target_for_each_owner) {
  registry tested;
  table_entry builtin;
  builtin.endpoint.pattern = "/livez";
  tested.add_builtin(builtin);
  tested.add(model_named("a"));
  tested.add(model_named("hidden", std::nullopt));
  tested.add(spec_named("s"));
  auto all = tested.everything();
  EXPECT_EQ(entries_text(all), (lines{"troupe /livez 0", "a /predict 0",
                                      "s /v2/x 2", "s /v2/y 2"}));
  EXPECT_EQ(all.targets.size(), 3U);
  EXPECT_EQ(all.add[0].kind, endpoint_kind::builtin);
  EXPECT_EQ(all.add[1].kind, endpoint_kind::predict);
  EXPECT_EQ(all.add[3].kind, endpoint_kind::spec);
  EXPECT_EQ(all.add[3].endpoint_index, 1U);
  EXPECT_EQ(all.add[3].error_scope, "/v2/x");
}

TEST(registry, adds_one_owner_as_the_first_target_of_a_change) {
  auto of_model = registry::addition_of(model_named("a"));
  EXPECT_EQ(entries_text(of_model), lines{"a /predict 0"});
  EXPECT_EQ(of_model.targets.size(), 1U);
  EXPECT_EQ(registry::addition_of(model_named("a", std::nullopt)).add.size(),
            0U);
  auto of_spec = registry::addition_of(spec_named("s"));
  EXPECT_EQ(entries_text(of_spec), (lines{"s /v2/x 0", "s /v2/y 0"}));
}

TEST(registry, finds_and_removes_by_name) {
  registry tested;
  tested.add(model_named("a"));
  tested.add(spec_named("a"));
  ASSERT_NE(tested.find_model("a"), nullptr);
  EXPECT_EQ(tested.find_model("b"), nullptr);
  EXPECT_TRUE(tested.has_spec("a"));
  tested.remove_model("a");
  EXPECT_EQ(tested.find_model("a"), nullptr);
  EXPECT_TRUE(tested.has_spec("a")) << "a spec may have a model's name";
  tested.remove_spec("a");
  EXPECT_FALSE(tested.has_spec("a"));
}

TEST(registry, refuses_a_name_twice_and_says_where) {
  registry tested;
  tested.add(model_named("a"));
  EXPECT_EQ(refusal([&] { tested.check_name_of_model("b"); }), "");
  EXPECT_EQ(refusal([&] { tested.check_name_of_model("a"); }),
            "two models are called \"a\"; names are unique");
  tested.add(spec_named("s", "c.json:1:2"));
  entry_origin second;
  second.where = "c.json:3:4";
  EXPECT_EQ(refusal([&] { tested.check_name_of_spec("a", second); }), "");
  EXPECT_EQ(refusal([&] { tested.check_name_of_spec("s", second); }),
            "two specs are called \"s\", at c.json:1:2 and c.json:3:4; names "
            "are unique: give one of them another name or prefix");
}

TEST(registry, refuses_models_that_cannot_run_as_declared) {
  auto good = model_named("a");
  EXPECT_EQ(refusal([&] { registry::check(good); }), "");
  auto batch = good;
  batch.options.batch.max_size = 2;
  EXPECT_NE(refusal([&] { registry::check(batch); }).find("takes a batch"),
            std::string::npos);
  batch.batched = true;
  EXPECT_EQ(refusal([&] { registry::check(batch); }), "");
  auto inlined = good;
  inlined.options.execution = execution_mode::inlined;
  EXPECT_EQ(refusal([&] { registry::check(inlined); }), "");
  for (auto flag :
       {&model_definition::continuous, &model_definition::streaming}) {
    auto wrong = inlined;
    wrong.*flag = true;
    EXPECT_NE(
      refusal([&] { registry::check(wrong); }).find("cannot run inline"),
      std::string::npos);
  }
  auto nameless = model_named("");
  EXPECT_NE(refusal([&] { registry::check(nameless); }).find("needs a name"),
            std::string::npos);
}

} // namespace

TEST(registry, keeps_the_models_of_pipelines) {
  pipeline_steps steps;
  steps.call("m");
  model_options options;
  options.name = "p";
  registry tested;
  tested.add(make_pipeline(options, steps));
  EXPECT_EQ(refusal([&] { tested.check_pipelines(); }),
            "pipeline \"p\": steps.0.model: unknown model \"m\"");
  const auto m = model_named("m");
  EXPECT_EQ(refusal([&] { tested.check_pipelines(&m); }), "");
  tested.add(model_named("m"));
  EXPECT_EQ(refusal([&] { tested.check_pipelines(); }), "");
  EXPECT_EQ(refusal([&] { tested.check_pipelines(nullptr, "m"); }),
            "the pipeline \"p\" asks the model \"m\"; remove or replace the "
            "pipeline first");
}

TEST(registry, checks_pipelines_after_many_changes) {
  pipeline_steps steps;
  steps.call("m");
  model_options options;
  options.name = "p";
  registry tested;
  tested.add(model_named("m"));
  tested.add(make_pipeline(options, steps));
  const auto n = model_named("n");
  auto with = [&](std::vector<const model_definition*> added,
                  std::vector<std::string> removed) {
    return refusal([&] { tested.check_pipelines(added, removed); });
  };
  EXPECT_EQ(with({}, {"m", "p"}), "");
  EXPECT_EQ(
    with({&n}, {"m"}),
    "pipeline \"p\": steps.0.model: unknown model \"m\", did you mean \"n\"?");
  pipeline_steps other;
  other.call("n");
  const auto moved = make_pipeline(options, other);
  EXPECT_EQ(with({&n, &moved}, {"m"}), "");
}

} // namespace troupe
