#ifdef TROUPE_HAS_ONNX

#include "troupe/tests/models/onnx_fixture.hpp"
#include "troupe/tests/support/png.hpp"

#include <cmath>
#include <thread>

namespace troupe {

namespace {

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
  saved_model saved{file};
  auto m = start(saved.definition(8));
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
  saved_model saved{file};
  auto m = start(saved.definition(8));
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
  saved_model saved{file};
  std::string logged;
  auto m = start(saved.definition(8),
                 [&](log_level, std::string_view text) { logged += text; });
  std::vector<recording_ptr> batch{post({1}), post({7}), post({2}), post({0})};
  run(*m, batch);
  EXPECT_EQ(answer_of(batch[0])["outputs"]["y"], json({101}));
  EXPECT_EQ(answer_of(batch[2])["outputs"]["y"], json({102}));
  EXPECT_EQ(answer_of(batch[3])["outputs"]["y"], json({100}));
  EXPECT_EQ(status_of(batch[1]), 422);
  EXPECT_EQ(batch[1]->error->detail.at(0).at("msg"),
            "the model refuses this input: Gather: indices element out of data "
            "bounds, idx=7 must be within the inclusive range [-3,2]");
  EXPECT_NE(logged.find("Gather"), std::string::npos);
}

TEST(onnx_model, runs_one_by_one_for_good_when_outputs_have_other_rows) {
  onnx_file file;
  file.input("x", onnx_file::int64, {"N", 2});
  file.output("y", onnx_file::int64, {"M", 2});
  file.node("Unique", {"x"}, "y", 0);
  saved_model saved{file};
  auto definition = saved.definition(8, {{"rows", "independent"}});
  int warnings = 0;
  auto log = [&](log_level level, std::string_view) {
    warnings += level == log_level::warning ? 1 : 0;
  };
  auto m = start(definition, log);
  auto other = start(definition, log);
  for (auto* worker : {m.get(), other.get(), m.get()}) {
    std::vector<recording_ptr> batch{post({{1, 2}}), post({{1, 2}})};
    run(*worker, batch);
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
  saved_model saved{file};
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
  saved_model saved{file};
  auto m = start(saved.definition());
  auto x = post({{"x", {{"shape", {1, 0}}, {"data", json::array()}}}});
  EXPECT_EQ(answer_to(*m, x)["outputs"]["y"], json::parse("[[]]"));
}

TEST(onnx_model, fails_alone_a_request_whose_answer_is_not_a_number) {
  onnx_file file;
  file.input("x", onnx_file::float32, {"N", 1});
  file.output("y", onnx_file::float32, {"N", 1});
  file.node("Log", {"x"}, "y");
  saved_model saved{file};
  std::string logged;
  auto m = start(saved.definition(8),
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

TEST(onnx_model, fails_its_start_on_a_broken_file_and_may_try_again) {
  saved_model saved{std::string{"no model at all"}};
  auto definition = saved.definition();
  EXPECT_THROW(start(definition), std::runtime_error);
  fs::copy_file(data_dir / "digits.onnx", saved.path(),
                fs::copy_options::overwrite_existing);
  EXPECT_NO_THROW(start(definition));
}

} // namespace

} // namespace troupe

#endif
