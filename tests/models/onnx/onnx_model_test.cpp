#ifdef TROUPE_HAS_ONNX

#include "troupe/tests/models/onnx/onnx_fixture.hpp"
#include "troupe/tests/support/onnx_file.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <unistd.h>

namespace troupe {

namespace {

using namespace onnx_test;

/// Keeps small generated models for the time of a test.
class model_file {
public:
  explicit model_file(const std::string& bytes)
    : dir_(fs::temp_directory_path()
           / ("troupe-onnx-" + std::to_string(getpid()))) {
    fs::create_directories(dir_);
    std::ofstream{dir_ / "m.onnx", std::ios::binary} << bytes;
  }

  explicit model_file(const onnx_file& file) : model_file(file.write()) {
    // nop
  }

  ~model_file() {
    fs::remove_all(dir_);
  }

  [[nodiscard]] model_definition definition() const {
    return define({"onnx", "m.onnx", json::object(), dir_});
  }

  [[nodiscard]] fs::path path() const {
    return dir_ / "m.onnx";
  }

private:
  fs::path dir_;
};

// -- other models ------------------------------------------------------------

TEST(onnx_model, takes_several_inputs_by_name_and_batches_them) {
  onnx_file file;
  file.input("a", onnx_file::float32, {"N", 2});
  file.input("b", onnx_file::float32, {"N", 2});
  file.output("total", onnx_file::float32, {"N", 2});
  file.node("Add", {"a", "b"}, "total");
  model_file saved{file};
  auto m = start(saved.definition());
  auto first = post({{"a", {{1, 2}}}, {"b", {{10, 20}}}});
  auto second =
    post({{"inputs", {{"a", {{3, 4}, {5, 6}}}, {"b", {30, 40, 50, 60}}}}});
  run(*m, {first, second});
  EXPECT_EQ(answer_of(first)["outputs"]["total"], json::parse("[[11,22]]"));
  EXPECT_EQ(answer_of(second)["outputs"]["total"],
            json::parse("[[33,44],[55,66]]"));
}

TEST(onnx_model, runs_items_of_different_sizes_in_separate_runs) {
  onnx_file file;
  file.input("x", onnx_file::int64, {"N", "len"});
  file.output("y", onnx_file::int64, {"N", "len"});
  file.node("Identity", {"x"}, "y");
  model_file saved{file};
  auto m = start(saved.definition());
  std::vector<recording_ptr> batch{
    post({{"x", {{1, 2}}}}), post({{"x", {{1, 2, 3}}}}),
    post({{"x", {{4, 5}}}}), post({{"x", {{4, 5, 6}}}})};
  run(*m, batch);
  for (const auto& x : batch)
    EXPECT_EQ(answer_of(x)["outputs"]["y"], (*x->request.document)["x"]);
}

TEST(onnx_model, retries_one_by_one_when_a_batch_fails) {
  onnx_file file;
  file.input("index", onnx_file::int64, {"N"});
  file.output("y", onnx_file::int64, {"N"});
  file.constant("table", {100, 101, 102});
  file.node("Gather", {"table", "index"}, "y", 0);
  model_file saved{file};
  std::string logged;
  auto m = start(saved.definition(),
                 [&](log_level, std::string_view text) { logged += text; });
  std::vector<recording_ptr> batch{post({1}), post({7}), post({2}), post({0})};
  run(*m, batch);
  EXPECT_EQ(answer_of(batch[0])["outputs"]["y"], json({101}));
  EXPECT_EQ(answer_of(batch[2])["outputs"]["y"], json({102}));
  EXPECT_EQ(answer_of(batch[3])["outputs"]["y"], json({100}));
  EXPECT_EQ(status_of(batch[1]), 422);
  EXPECT_EQ(batch[1]->error->detail.at(0).at("msg"),
            "the model refuses this input");
  EXPECT_NE(logged.find("Gather"), std::string::npos);
}

TEST(onnx_model, stops_batching_when_outputs_do_not_follow_the_rows) {
  onnx_file file;
  file.input("x", onnx_file::int64, {"N", 2});
  file.output("y", onnx_file::int64, {"M", 2});
  file.node("Unique", {"x"}, "y", 0);
  model_file saved{file};
  int warnings = 0;
  auto m = start(saved.definition(), [&](log_level level, std::string_view) {
    warnings += level == log_level::warning ? 1 : 0;
  });
  for (int i = 0; i < 2; ++i) {
    std::vector<recording_ptr> batch{post({{1, 2}}), post({{1, 2}})};
    run(*m, batch);
    for (const auto& x : batch)
      EXPECT_EQ(answer_of(x)["outputs"]["y"], json::parse("[[1,2]]"));
  }
  EXPECT_EQ(warnings, 1);
}

TEST(onnx_model, serves_models_without_a_free_axis) {
  onnx_file file;
  file.input("x", onnx_file::float32, {1, 2});
  file.output("y", onnx_file::float32, {1, 2});
  file.node("Neg", {"x"}, "y");
  model_file saved{file};
  auto m = start(saved.definition());
  std::vector<recording_ptr> batch{post({1, 2}), post({3, 4})};
  run(*m, batch);
  EXPECT_EQ(answer_of(batch[0])["outputs"]["y"], json::parse("[[-1,-2]]"));
  EXPECT_EQ(answer_of(batch[1])["outputs"]["y"], json::parse("[[-3,-4]]"));
}

TEST(onnx_model, passes_empty_tensors_through) {
  onnx_file file;
  file.input("x", onnx_file::float32, {1, "len"});
  file.output("y", onnx_file::float32, {1, "len"});
  file.node("Identity", {"x"}, "y");
  model_file saved{file};
  auto m = start(saved.definition());
  auto x = post({{"x", {{"shape", {1, 0}}, {"data", json::array()}}}});
  EXPECT_EQ(answer_to(*m, x)["outputs"]["y"], json::parse("[[]]"));
}

TEST(onnx_model, fails_a_request_alone_whose_answer_is_no_number) {
  onnx_file file;
  file.input("x", onnx_file::float32, {"N", 1});
  file.output("y", onnx_file::float32, {"N", 1});
  file.node("Log", {"x"}, "y");
  model_file saved{file};
  std::string logged;
  auto m = start(saved.definition(),
                 [&](log_level, std::string_view text) { logged += text; });
  std::vector<recording_ptr> batch{post({1}), post({-1}), post({0})};
  batch[1]->request_id = "the-bad-one";
  run(*m, batch);
  EXPECT_EQ(answer_of(batch[0])["outputs"]["y"], json::parse("[[0]]"));
  EXPECT_EQ(status_of(batch[1]), 500);
  EXPECT_EQ(status_of(batch[2]), 500);
  EXPECT_NE(logged.find("request the-bad-one: "), std::string::npos) << logged;
  EXPECT_NE(logged.find("/outputs/y/0/0"), std::string::npos) << logged;
}

TEST(onnx_model, leaves_out_outputs_that_no_tensor_holds) {
  onnx_file file;
  file.input("x", onnx_file::float32, {"N"});
  file.output("y", onnx_file::float32, {"N"});
  file.output("text", onnx_file::string, {"N"});
  file.node("Identity", {"x"}, "y");
  // 8 is the ONNX number of strings; Cast has no other attribute than `to`.
  file.node("Cast", {"x"}, "text", 8, "to");
  model_file saved{file};
  auto m = start(saved.definition());
  EXPECT_EQ(answer_to(*m, post({1}))["outputs"], json({{"y", {1}}}));
}

TEST(onnx_model, fails_its_start_on_a_broken_file_and_may_try_again) {
  model_file saved{std::string{"no model at all"}};
  auto definition = saved.definition();
  EXPECT_THROW(start(definition), std::runtime_error);
  fs::copy_file(data_dir / "digits.onnx", saved.path(),
                fs::copy_options::overwrite_existing);
  EXPECT_NO_THROW(start(definition));
}

TEST(onnx_model, fails_its_start_when_options_do_not_fit) {
  EXPECT_THROW(start(digits({{"classify", "logits"}})), std::runtime_error);
  EXPECT_THROW(start(digits({{"classify", "probs"}, {"labels", {"a", "b"}}})),
               std::runtime_error);
}

// -- the config --------------------------------------------------------------

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
  EXPECT_EQ(refused_option(json::array()), "options");
  EXPECT_EQ(refused_option({{"intra_op_threads", 0},
                            {"classify", "probs"},
                            {"labels", json::array()},
                            {"image_scale", 1},
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

} // namespace

} // namespace troupe

#endif
