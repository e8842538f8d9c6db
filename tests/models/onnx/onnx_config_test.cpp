#ifdef TROUPE_HAS_ONNX

#include "troupe/tests/models/onnx_fixture.hpp"

namespace troupe {

namespace {

/// Where the config is wrong, and what.
std::pair<std::string, std::string> refusal(const model_config& config) {
  try {
    (void)define(config);
  } catch (const model_config_error& e) {
    return {e.where(), e.what()};
  }
  return {"none", "no error"};
}

std::string refused_option(json options) {
  return refusal({"onnx", "digits.onnx", std::move(options), data_dir}).first;
}

TEST(onnx_config, needs_a_path_to_a_file) {
  EXPECT_EQ(refusal({"onnx", "", json::object(), data_dir}).first, "path");
  auto [where, what] =
    refusal({"onnx", "../nothing.onnx", json::object(), "/some/where"});
  EXPECT_EQ(where, "path");
  EXPECT_EQ(what, "there is no file /some/nothing.onnx");
  EXPECT_EQ(refusal({"onnx", ".", json::object(), data_dir}).first, "path");
}

TEST(onnx_config, knows_its_options) {
  EXPECT_EQ(refused_option({{"threads", 2}}), "options.threads");
  EXPECT_EQ(refused_option({{"intra_op_threads", -1}}),
            "options.intra_op_threads");
  EXPECT_EQ(refused_option({{"intra_op_threads", 1.5}}),
            "options.intra_op_threads");
  EXPECT_EQ(refused_option({{"intra_op_threads", 4294967297}}),
            "options.intra_op_threads");
  EXPECT_EQ(refused_option({{"classify", ""}}), "options.classify");
  EXPECT_EQ(refused_option({{"classify", 1}}), "options.classify");
  EXPECT_EQ(refused_option({{"labels", {"a"}}}), "options.labels");
  EXPECT_EQ(refused_option({{"classify", "probs"}, {"labels", "a"}}),
            "options.labels");
  EXPECT_EQ(refused_option({{"image_scale", 0}}), "options.image_scale");
  EXPECT_EQ(refused_option({{"image_scale", "1"}}), "options.image_scale");
  EXPECT_EQ(refused_option({{"non_finite", "nan"}}), "options.non_finite");
  EXPECT_EQ(refused_option({{"non_finite", true}}), "options.non_finite");
  EXPECT_EQ(refused_option({{"rows", "yes"}}), "options.rows");
  EXPECT_EQ(refused_option({{"outputs", json::array()}}), "options.outputs");
  EXPECT_EQ(refused_option({{"outputs", "probs"}}), "options.outputs");
  EXPECT_EQ(refused_option({{"outputs", {"probs", "other"}}}),
            "options.outputs");
  EXPECT_EQ(refused_option({{"classify", "logits"}}), "options.classify");
  EXPECT_EQ(refused_option({{"classify", "probs"}, {"labels", {"a", "b"}}}),
            "options.labels");
  EXPECT_EQ(refused_option(json::array()), "options");
  EXPECT_EQ(refused_option({{"intra_op_threads", 0},
                            {"classify", "probs"},
                            {"labels", json::array()},
                            {"image_scale", 1},
                            {"rows", "named"},
                            {"outputs", {"probs"}},
                            {"non_finite", "null"}}),
            "none");
}

TEST(onnx_config, gives_a_batched_definition_with_the_callers_options) {
  model_registry registry;
  add_onnx_model(registry);
  model_options options;
  options.name = "mine";
  auto definition = (*registry.find("onnx"))(
    options, {"onnx", "digits.onnx", json::object(), data_dir});
  EXPECT_EQ(definition.options.name, "mine");
  EXPECT_TRUE(definition.batched);
  EXPECT_FALSE(definition.streaming);
}

TEST(onnx_config, has_no_device_but_the_processor) {
  model_registry registry;
  add_onnx_model(registry);
  model_options options;
  options.device = "cuda:0";
  try {
    (void)(*registry.find("onnx"))(
      options, {"onnx", "digits.onnx", json::object(), data_dir});
    FAIL() << "no error";
  } catch (const model_config_error& e) {
    EXPECT_EQ(e.where(), "device");
    EXPECT_STREQ(e.what(), "device \"cuda:0\" is not supported by type onnx; "
                           "use \"cpu\" or leave it out");
  }
}

TEST(onnx_config, leaves_a_file_that_cannot_be_opened_to_the_start) {
  saved_model saved{std::string{"no model at all"}};
  EXPECT_EQ(saved.refusal(8).first, "none");
}

// -- batches -----------------------------------------------------------------

std::string refused_batch(const onnx_file& file,
                          json options = json::object()) {
  auto [where, what] = saved_model{file}.refusal(2, std::move(options));
  return where == "batch.max_size" ? what : where + ": " + what;
}

TEST(onnx_config, refuses_batches_where_rows_may_be_somebody_elses) {
  onnx_file detector;
  detector.input("x", onnx_file::float32, {"batch", 3});
  detector.output("found", onnx_file::int64, {"num_found", 2});
  detector.node("NonZero", {"x"}, "t");
  detector.node("Transpose", {"t"}, "found");
  EXPECT_EQ(refused_batch(detector),
            "requests cannot share a run of this model: the first axis of "
            "output \"found\" is \"num_found\", not \"batch\". Set "
            "batch.max_size to 1, or options.rows to \"independent\" if each "
            "row of the outputs depends on the same row of the inputs alone");
  EXPECT_EQ(saved_model{detector}.refusal(1).first, "none");
  EXPECT_EQ(refused_batch(detector, {{"rows", "independent"}}),
            "none: no error");
}

TEST(onnx_config, refuses_batches_of_a_fixed_axis_whatever_is_said_of_rows) {
  onnx_file fixed;
  fixed.input("x", onnx_file::float32, {1, 3});
  fixed.output("y", onnx_file::float32, {1, 3});
  fixed.node("Neg", {"x"}, "y");
  const auto* wanted =
    "requests cannot share a run of this model: the first axis of input \"x\" "
    "is fixed (1); the first axis of output \"y\" is fixed (1). Set "
    "batch.max_size to 1";
  EXPECT_EQ(refused_batch(fixed), wanted);
  EXPECT_EQ(refused_batch(fixed, {{"rows", "independent"}}), wanted);
}

TEST(onnx_config, refuses_batches_at_the_start_where_it_could_not_before) {
  onnx_file unnamed;
  unnamed.input("x", onnx_file::float32, {"", 2});
  unnamed.output("y", onnx_file::float32, {"", 2});
  unnamed.node("Neg", {"x"}, "y");
  saved_model saved{std::string{"no model yet"}};
  auto definition = saved.definition(8);
  std::ofstream{saved.path(), std::ios::binary} << unnamed.write();
  auto why = message_of([&] { start(definition); });
  EXPECT_EQ(why.find("batch.max_size: requests cannot share a run"), 0U) << why;
}

} // namespace

} // namespace troupe

#endif
