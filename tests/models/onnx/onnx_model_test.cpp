#ifdef TROUPE_HAS_ONNX

#include "troupe/models/registry.hpp"
#include "troupe/tests/support/onnx_file.hpp"
#include "troupe/tests/support/png.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>
#include <unistd.h>

namespace troupe {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using recording_ptr = std::shared_ptr<recording_exchange>;
namespace fs = std::filesystem;

const fs::path data_dir = fs::path{TROUPE_SOURCE_DIR} / "examples/digits/data";

model_definition define(const model_config& config) {
  model_registry registry;
  add_onnx_model(registry);
  return (*registry.find("onnx"))({}, config);
}

model_definition digits(json options = json::object()) {
  return define({"onnx", "digits.onnx", std::move(options), data_dir});
}

std::unique_ptr<model> start(const model_definition& definition,
                             log_sink log = no_log()) {
  worker_slot slot{"digits", 0, "cpu", std::move(log)};
  auto result = definition.make(slot);
  result->setup(slot);
  return result;
}

recording_ptr post(json document) {
  auto result = make_sink<recording_exchange>();
  result->request.document = std::make_shared<json>(std::move(document));
  return result;
}

recording_ptr post_bytes(std::string body, std::string_view type) {
  auto result = make_sink<recording_exchange>();
  result->request.body = std::move(body);
  result->request.headers.add("Content-Type", type);
  return result;
}

void run(model& m, const std::vector<recording_ptr>& xs) {
  std::vector<exchange_ptr> batch{xs.begin(), xs.end()};
  m.process(batch);
  for (const auto& x : xs)
    ASSERT_TRUE(x->wait(0ms));
}

json answer_of(const recording_ptr& x) {
  if (!x->answer) {
    ADD_FAILURE() << "failed: " << x->error->effective_detail().dump();
    return {};
  }
  return *x->answer->body.json();
}

int status_of(const recording_ptr& x) {
  return x->error ? x->error->effective_status() : x->answer->status;
}

json answer_to(model& m, const recording_ptr& x) {
  run(m, {x});
  return answer_of(x);
}

std::string complaint_about(model& m, const recording_ptr& x) {
  run(m, {x});
  if (!x->error || x->error->effective_status() != 422)
    return "no 422";
  return x->error->effective_detail().at(0).at("msg").get<std::string>();
}

template <class T>
std::vector<T> read_all(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  std::vector<T> result(fs::file_size(file) / sizeof(T));
  in.read(reinterpret_cast<char*>(result.data()),
          static_cast<std::streamsize>(result.size() * sizeof(T)));
  return result;
}

/// The 397 images that the digits model was not trained on.
struct held_out {
  std::vector<float> pixels =
    read_all<float>(data_dir / "digits-heldout-images.f32");
  std::vector<std::int32_t> labels =
    read_all<std::int32_t>(data_dir / "digits-heldout-labels.i32");

  [[nodiscard]] json image(std::size_t i) const {
    auto first = pixels.begin() + static_cast<std::ptrdiff_t>(64 * i);
    return json(std::vector<float>(first, first + 64));
  }
};

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

// -- the digits model --------------------------------------------------------

TEST(onnx_digits, are_classified_right_in_96_of_100_cases) {
  held_out data;
  ASSERT_EQ(data.labels.size(), 397U);
  auto m = start(digits({{"classify", "probs"}}));
  std::size_t right = 0;
  for (std::size_t first = 0; first < data.labels.size(); first += 16) {
    auto last = std::min(first + 16, data.labels.size());
    std::vector<recording_ptr> batch;
    for (auto i = first; i < last; ++i)
      batch.push_back(post(data.image(i)));
    run(*m, batch);
    for (auto i = first; i < last; ++i)
      right += answer_of(batch[i - first])["class"] == data.labels[i] ? 1U : 0U;
  }
  RecordProperty("right", static_cast<int>(right));
  EXPECT_GE(static_cast<double>(right), 0.96 * 397);
}

TEST(onnx_digits, get_the_same_answer_alone_and_in_a_batch) {
  held_out data;
  auto m = start(digits());
  std::vector<recording_ptr> batch;
  for (std::size_t i = 0; i < 8; ++i)
    batch.push_back(post(data.image(i)));
  run(*m, batch);
  for (std::size_t i = 0; i < 8; ++i) {
    auto alone = answer_to(*m, post(data.image(i)))["outputs"]["probs"];
    auto together = answer_of(batch[i])["outputs"]["probs"];
    ASSERT_EQ(together.size(), 1U);
    for (std::size_t k = 0; k < 10; ++k)
      EXPECT_NEAR(alone[0][k].get<double>(), together[0][k].get<double>(),
                  1e-5);
  }
}

TEST(onnx_digits, come_back_row_by_row_from_mixed_batches) {
  held_out data;
  auto m = start(digits({{"classify", "probs"}}));
  auto two_rows = data.image(1);
  for (const auto& x : data.image(2))
    two_rows.push_back(x);
  auto first = post(data.image(0));
  auto middle = post(two_rows);
  auto last = post({{"inputs", {{"image", data.image(3)}}}});
  run(*m, {first, middle, last});
  auto one = [&](std::size_t i) {
    return answer_to(*m, post(data.image(i)))["class"];
  };
  EXPECT_EQ(answer_of(first)["class"], one(0));
  EXPECT_EQ(answer_of(middle)["class"], json::array({one(1), one(2)}));
  EXPECT_EQ(answer_of(middle)["outputs"]["probs"].size(), 2U);
  EXPECT_EQ(answer_of(last)["class"], one(3));
}

TEST(onnx_digits, get_score_and_label_when_the_config_says_so) {
  held_out data;
  json labels{"zero", "one", "two",   "three", "four",
              "five", "six", "seven", "eight", "nine"};
  auto m = start(digits({{"classify", "probs"}, {"labels", labels}}));
  auto answer = answer_to(*m, post(data.image(0)));
  auto index = answer["class"].get<std::size_t>();
  EXPECT_EQ(answer["label"], labels[index]);
  EXPECT_EQ(answer["score"], answer["outputs"]["probs"][0][index]);
  EXPECT_GT(answer["score"], 0.1);
}

TEST(onnx_digits, may_be_png_images) {
  held_out data;
  auto m = start(digits({{"classify", "probs"}}));
  for (std::size_t i = 0; i < 20; ++i) {
    std::string pixels;
    for (const auto& x : data.image(i))
      pixels += static_cast<char>(std::lround(x.get<double>() * 255));
    auto png = png_writer(8, 8).write(pixels);
    EXPECT_EQ(answer_to(*m, post_bytes(png, "image/png"))["class"],
              answer_to(*m, post(data.image(i)))["class"]);
  }
}

TEST(onnx_digits, are_refused_in_the_wrong_shape) {
  auto m = start(digits());
  EXPECT_EQ(complaint_about(*m, post(json(std::vector<int>(63, 0)))),
            "image: expected float32 [N,1,8,8], got [63]");
  auto row = json(std::vector<int>(7, 0));
  auto image = json::array({json::array({json(std::vector<json>(8, row))})});
  EXPECT_EQ(complaint_about(*m, post({{"image", image}})),
            "image: expected float32 [N,1,8,8], got [1,1,8,7]");
  EXPECT_EQ(complaint_about(*m, post({{"picture", image}})),
            "unknown input \"picture\"; expected the input image");
  EXPECT_EQ(complaint_about(*m, post(json::object())), "Field required");
  auto png = png_writer(4, 4).write(std::string(16, 'x'));
  EXPECT_EQ(complaint_about(*m, post_bytes(png, "image/png")),
            "image: expected an image of 8x8 pixels, got 4x4");
}

TEST(onnx_digits, fail_alone_when_one_of_the_batch_is_bad) {
  held_out data;
  auto m = start(digits());
  auto bad = post(json::array({1, 2, 3}));
  auto malformed = post_bytes("{", "application/json");
  auto gone = post(data.image(2));
  gone->cancel();
  auto good = post(data.image(3));
  run(*m, {bad, malformed, gone, good});
  EXPECT_EQ(status_of(bad), 422);
  EXPECT_EQ(status_of(malformed), 400);
  EXPECT_EQ(gone->error->code, errc::cancelled);
  EXPECT_EQ(status_of(good), 200);
}

TEST(onnx_digits, are_served_by_two_threads_on_one_session) {
  held_out data;
  auto definition = digits({{"classify", "probs"}});
  std::vector<json> expected;
  auto m = start(definition);
  for (std::size_t i = 0; i < 40; ++i)
    expected.push_back(answer_to(*m, post(data.image(i)))["class"]);
  auto work = [&](std::size_t& same) {
    auto mine = start(definition);
    for (std::size_t i = 0; i < 40; ++i) {
      auto x = post(data.image(i));
      run(*mine, {x});
      same += answer_of(x)["class"] == expected[i] ? 1U : 0U;
    }
  };
  std::size_t first = 0;
  std::size_t second = 0;
  std::thread other{[&] { work(first); }};
  work(second);
  other.join();
  EXPECT_EQ(first, 40U);
  EXPECT_EQ(second, 40U);
}

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
