#ifdef TROUPE_HAS_ONNX

#include "troupe/tests/models/onnx/onnx_fixture.hpp"
#include "troupe/tests/support/png.hpp"

#include <cmath>
#include <cstdint>
#include <fstream>
#include <thread>

namespace troupe {

namespace {

using namespace onnx_test;

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

} // namespace

} // namespace troupe

#endif // TROUPE_HAS_ONNX
