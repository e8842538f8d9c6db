#ifdef TROUPE_HAS_ONNX

#include "troupe/tests/integration/served.hpp"

#include <cstring>
#include <fstream>

namespace troupe {

namespace {

const std::string digits_folder = TROUPE_SOURCE_DIR "/examples/digits/";

constexpr std::size_t area = 64;

std::string bytes_of(const std::string& name) {
  std::ifstream in{digits_folder + name, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

template <class T>
std::vector<T> numbers_of(const std::string& name) {
  auto bytes = bytes_of(name);
  std::vector<T> result(bytes.size() / sizeof(T));
  std::memcpy(result.data(), bytes.data(), result.size() * sizeof(T));
  return result;
}

/// The example as `make run` starts it, but for the port.
class digits : public testing::Test {
protected:
  void SetUp() override {
    port = program.wait_for_port();
    ASSERT_NE(port, 0) << program.err();
    ASSERT_TRUE(eventually(
      [this] { return http_client{port}.get("/health").status == 200; }))
      << program.err();
  }

  running_program program{
    troupe_command({"serve", digits_folder + "config.json", "--port", "0"})};
  std::uint16_t port = 0;
};

} // namespace

TEST_F(digits, are_read_as_the_readme_says) {
  auto images = numbers_of<float>("data/digits-heldout-images.f32");
  auto labels = numbers_of<std::int32_t>("data/digits-heldout-labels.i32");
  ASSERT_EQ(labels.size(), 397U);
  ASSERT_EQ(images.size(), labels.size() * area);
  http_client client{port};
  std::size_t right = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    auto first = images.begin() + static_cast<std::ptrdiff_t>(i * area);
    json pixels(std::vector<float>(first, first + area));
    auto answer = client.post("/predict", pixels.dump());
    ASSERT_EQ(answer.status, 200) << answer.body;
    right += json_of(answer)["class"] == labels[i] ? 1 : 0;
  }
  EXPECT_GE(static_cast<double>(right) / static_cast<double>(labels.size()),
            0.96)
    << right << " of " << labels.size();
}

TEST_F(digits, come_together_from_many_clients) {
  auto images = numbers_of<float>("data/digits-heldout-images.f32");
  std::vector<http_client> clients;
  for (int i = 0; i < 40; ++i)
    clients.emplace_back(port);
  auto pixels = json(std::vector<float>(images.begin(), images.begin() + area));
  auto alone = json_of(clients[0].post("/predict", pixels.dump()));
  for (auto& client : clients)
    client.send(request_text("POST", "/predict", pixels.dump()));
  for (auto& client : clients) {
    auto answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(json_of(answer)["class"], alone["class"]);
  }
}

TEST_F(digits, are_read_from_png_files) {
  http_client client{port};
  for (int digit = 0; digit < 10; ++digit) {
    auto answer = client.post(
      "/predict", bytes_of("digit-" + std::to_string(digit) + ".png"),
      {{"Content-Type", "image/png"}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(json_of(answer)["class"], digit);
  }
  auto broken =
    client.post("/predict", "no image", {{"Content-Type", "image/png"}});
  EXPECT_EQ(broken.status, 400);
}

TEST_F(digits, of_the_wrong_shape_are_told_the_right_one) {
  http_client client{port};
  for (auto body : {"[1,2,3]", R"({"image":[[1,2],[3,4]]})"}) {
    auto answer = client.post("/predict", body);
    EXPECT_EQ(answer.status, 422) << answer.body;
    auto message = json_of(answer)["detail"][0]["msg"].get<std::string>();
    EXPECT_NE(message.find("[N,1,8,8]"), std::string::npos) << message;
  }
  EXPECT_EQ(client.post("/predict", R"({"picture":[1]})").status, 422);
  EXPECT_EQ(client.post("/predict", "[").status, 400);
}

} // namespace troupe

#endif
