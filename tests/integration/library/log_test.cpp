// What clients and models send never forges a line of the log.
#include "troupe/tests/integration/library.hpp"

#include <memory>
#include <stdexcept>
#include <vector>

namespace troupe {

namespace {

/// Every line that servers logged, shared with them.
struct log_lines {
  void add(std::string_view text) {
    std::unique_lock guard{mutex};
    lines.emplace_back(text);
  }

  std::vector<std::string> all() {
    std::unique_lock guard{mutex};
    return lines;
  }

  std::mutex mutex;
  std::vector<std::string> lines;
};

/// Throws what it was sent.
struct parrot {
  std::string predict(const nlohmann::json& x) {
    throw std::runtime_error(x.at("say").get<std::string>());
  }
};

/// Fails on the way out.
struct throwing_encoder : reply_encoder {
  reply finish(reply) override {
    throw std::runtime_error("no reply\nforged by an encoder");
  }
};

class log_test : public ::testing::Test {
public:
  log_test()
    : tested(test_options(),
             [out = lines](log_level, std::string_view x) { out->add(x); }) {
    tested.get("/throw/{name}", [](const request& req, context&) -> outcome {
      throw std::runtime_error("got " + req.params[0].second);
    });
    tested.get("/encode/{name}", [](const request&, context&) -> outcome {
      auto call = call_model("square", nlohmann::json(2));
      call.encoder = std::make_shared<throwing_encoder>();
      return call;
    });
    tested.add<square>(named("square", "/square"));
    tested.add<parrot>(named("parrot"));
    tested.start();
    EXPECT_TRUE(tested.wait_ready());
  }

  void expect_clean_lines(std::size_t least) {
    auto all = lines->all();
    EXPECT_GE(all.size(), least);
    for (const auto& x : all)
      for (auto c : x)
        EXPECT_TRUE(c >= 0x20 && c < 0x7F) << x;
  }

  std::shared_ptr<log_lines> lines = std::make_shared<log_lines>();
  server tested;
};

TEST_F(log_test, paths_and_what_handlers_throw_stay_on_their_line) {
  http_client client{tested.port()};
  constexpr auto evil = "a%0a2026-01-01T00:00:00.000Z%20error%20forged"
                        "%1b%5b31m%c2%9b%e2%80%ae%22%20of";
  EXPECT_EQ(client.get("/throw/" + std::string{evil}).status, 500);
  EXPECT_EQ(client.get("/encode/" + std::string{evil}).status, 500);
  expect_clean_lines(3);
}

TEST_F(log_test, what_models_throw_stays_on_its_line) {
  http_client client{tested.port()};
  auto body = nlohmann::json{{"say", "\n\x1b]0;title\x07\xE2\x80\xA8 forged"}};
  EXPECT_EQ(client.post("/predict", body.dump()).status, 500);
  body["say"] = std::string(100'000, '\n');
  EXPECT_EQ(client.post("/predict", body.dump()).status, 500);
  expect_clean_lines(3);
  for (const auto& x : lines->all())
    EXPECT_LT(x.size(), 4096U);
}

TEST_F(log_test, ids_of_clients_stay_what_they_seem_to_be) {
  http_client client{tested.port()};
  for (auto id : {"a b", "a\"b", "gr\xC3\xBC\xC3\x9F", "a\x9B", "'"})
    EXPECT_EQ(client.get("/throw/x", {{"X-Request-Id", id}}).status, 500);
  EXPECT_EQ(client.get("/throw/x", {{"X-Request-Id", "mine"}}).status, 500);
  expect_clean_lines(6);
  auto all = lines->all();
  std::size_t mine = 0;
  for (const auto& x : all) {
    EXPECT_EQ(x.find("a b"), std::string::npos) << x;
    mine += x.find("request mine") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(mine, 1U);
}

TEST(log_sinks, that_throw_harm_nobody) {
  server tested{test_options(), [](log_level, std::string_view) {
                  throw std::runtime_error("no log today");
                }};
  tested.get("/throw", [](const request&, context&) -> outcome {
    throw std::runtime_error("x");
  });
  tested.start();
  EXPECT_TRUE(tested.wait_ready());
  http_client client{tested.port()};
  EXPECT_EQ(client.get("/throw").status, 500);
  EXPECT_EQ(client.get("/livez").status, 200);
}

} // namespace

} // namespace troupe
