// A model behind a spec hears that nobody wants its answer any more.
#include "troupe/tests/actors/spec_runner_fixture.hpp"

using namespace troupe;

namespace {

/// Takes one item, and no second one.
struct full_encoder : reply_encoder {
  int asked = 0;

  std::optional<payload> item(payload x) override {
    if (++asked == 1)
      return x;
    throw http_error(413, "enough");
  }

  reply finish(reply answer) override {
    return answer;
  }
};

class spec_runner_stop_test : public spec_runner_test {
protected:
  spec_runner_stop_test() {
    on_model = nullptr;
  }

  /// Calls the model; the test answers through `inner`.
  recording_ptr serve_open() {
    return serve([this](const request&, context&) -> outcome {
      auto result = call_model("m", "document");
      result.encoder = encoder;
      return result;
    });
  }

  std::shared_ptr<full_encoder> encoder = std::make_shared<full_encoder>();
};

} // namespace

TEST_F(spec_runner_stop_test, when_its_encoder_failed) {
  auto ex = serve_open();
  EXPECT_EQ(inner->write(payload{nlohmann::json(1)}), flow::ok);
  EXPECT_FALSE(inner->cancelled());
  EXPECT_EQ(inner->write(payload{nlohmann::json(2)}), flow::cancelled);
  EXPECT_TRUE(inner->cancelled());
  EXPECT_TRUE(ex->cancelled());
  EXPECT_EQ(ex->error->effective_status(), 413);
  // One that goes on all the same reaches nobody.
  EXPECT_EQ(inner->write(payload{nlohmann::json(3)}), flow::cancelled);
  EXPECT_EQ(encoder->asked, 2);
  EXPECT_EQ(ex->items.size(), 1u);
}

TEST_F(spec_runner_stop_test, when_its_client_left) {
  auto ex = serve_open();
  ex->abandon(make_failure(errc::cancelled));
  EXPECT_TRUE(inner->cancelled());
  EXPECT_EQ(inner->write(payload{nlohmann::json(1)}), flow::cancelled);
  EXPECT_EQ(encoder->asked, 0);
}

TEST_F(spec_runner_stop_test, when_somebody_else_ended_the_request) {
  auto ex = serve_open();
  ex->fail(make_failure(errc::draining));
  EXPECT_TRUE(inner->cancelled());
}
