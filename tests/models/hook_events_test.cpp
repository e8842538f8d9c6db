// Ready-made models tell the callbacks as a user's class does.
#include "troupe/models/builtin.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/specs/model/callback.hpp"
#include "troupe/tests/support/fake_model.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace troupe {

namespace {

/// Writes down each event with the number of its requests.
class event_notes : public callback {
public:
  void on_before_setup(const hook_call& x) override {
    note("setup", x);
  }
  void on_after_setup(const hook_call& x) override {
    note("/setup", x);
  }
  void on_before_decode_request(const hook_call& x) override {
    note("decode", x);
  }
  void on_after_decode_request(const hook_call& x) override {
    note("/decode", x);
  }
  void on_before_predict(const hook_call& x) override {
    note("predict", x);
  }
  void on_after_predict(const hook_call& x) override {
    note("/predict", x);
  }
  void on_before_encode_response(const hook_call& x) override {
    note("encode", x);
  }
  void on_after_encode_response(const hook_call& x) override {
    note("/encode", x);
  }

  std::string take() {
    return std::exchange(text_, {});
  }

private:
  void note(std::string_view what, const hook_call& x) {
    EXPECT_EQ(x.model, "m");
    text_.append(what).append(std::to_string(x.requests.size()));
    text_.append(x.failed ? "! " : " ");
  }

  std::string text_;
};

class hook_events : public ::testing::Test {
protected:
  void start(const model_definition& definition) {
    worker_slot slot;
    slot.model = "m";
    slot.callbacks =
      std::make_shared<const std::vector<std::shared_ptr<callback>>>(
        std::vector<std::shared_ptr<callback>>{heard});
    instance = definition.make(slot);
    instance->setup(slot);
    EXPECT_EQ(heard->take(), "setup0 /setup0 ");
  }

  /// Sends the bodies as one batch. @returns what was heard.
  std::string events_of(const std::vector<std::string>& bodies) {
    std::vector<exchange_ptr> batch;
    for (const auto& body : bodies)
      batch.push_back(ask(body));
    instance->process(batch);
    return heard->take();
  }

  std::shared_ptr<event_notes> heard = std::make_shared<event_notes>();
  std::unique_ptr<model> instance;
};

} // namespace

TEST_F(hook_events, of_fault) {
  start(make_fault({}, {}));
  EXPECT_EQ(events_of({"{}"}),
            "decode1 /decode1 predict1 /predict1 encode1 /encode1 ");
  EXPECT_EQ(events_of({R"({"mode": "throw"})"}),
            "decode1 /decode1 predict1 /predict1! ");
  EXPECT_EQ(events_of({"{"}), "decode1 /decode1! ");
  EXPECT_EQ(events_of({R"({"after_items": 2})"}),
            "decode1 /decode1 predict1 /predict1 ");
}

#ifdef TROUPE_HAS_ONNX

TEST_F(hook_events, of_onnx) {
  model_registry registry;
  add_onnx_model(registry);
  model_options options;
  options.batch.max_size = 2;
  start((*registry.find("onnx"))(
    options,
    {"onnx", "digits.onnx", nlohmann::json::object(),
     std::filesystem::path{TROUPE_SOURCE_DIR} / "examples/digits/data"}));
  auto image = nlohmann::json(std::vector<float>(64, 0.5F)).dump();
  EXPECT_EQ(events_of({image}),
            "decode1 /decode1 predict1 /predict1 encode1 /encode1 ");
  EXPECT_EQ(events_of({image, image}),
            "decode1 /decode1 decode1 /decode1 predict2 /predict2 "
            "encode1 /encode1 encode1 /encode1 ");
  EXPECT_EQ(events_of({"[1]"}), "decode1 /decode1! ");
}

#endif

} // namespace troupe
