#pragma once

#include "troupe/actors/spec/run_handler.hpp"
#include "troupe/tests/actors/spec_fixture.hpp"

namespace troupe {

/// Runs handlers of a spec whose model `m` the test plays.
class handler_fixture : public spec_fixture {
protected:
  using recording_ptr = std::shared_ptr<recording_exchange>;

  /// Runs one handler on a request.
  recording_ptr serve(handler h, recording_ptr ex = ask("[1]", "id")) {
    spec s{"s"};
    s.post("/never", [](const auto&, auto&) -> outcome {
      throw std::logic_error("the wrong handler");
    });
    s.post("/x", std::move(h));
    ex->endpoint_index = 1;
    run_handler(s, *table, ex, log(), *known, nullptr);
    run();
    return ex;
  }

  std::shared_ptr<running_calls> known = std::make_shared<running_calls>();

  static outcome call(const request&, context&) {
    return call_model("m", "document");
  }

  /// Calls the model and encodes with an encoder.
  template <class Encoder>
  static handler calling() {
    return [](const request&, context&) -> outcome {
      auto result = call_model("m", "document");
      result.encoder = std::make_shared<Encoder>();
      return result;
    };
  }
};

/// Puts a letter before what passes.
struct tagging_encoder : reply_encoder {
  reply finish(reply answer) override {
    auto text = std::move(answer.body).take_text();
    return text_reply("finish:" + text, 201);
  }

  std::optional<payload> item(payload x) override {
    return payload{"item:" + std::move(x).take_text(), "text/plain"};
  }

  failure fail(failure why) override {
    why.detail = "fail:" + std::string{to_string(why.code)};
    return why;
  }
};

constexpr auto internal = R"(internal: "Internal server error")";

} // namespace troupe
