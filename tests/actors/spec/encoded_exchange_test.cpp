#include "troupe/actors/spec/encoded_exchange.hpp"
#include "troupe/tests/actors/handler_fixture.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

using namespace troupe;

namespace {

struct throwing_encoder : reply_encoder {
  reply finish(reply) override {
    throw std::runtime_error("secret");
  }

  std::optional<payload> item(payload) override {
    throw std::runtime_error("secret");
  }

  failure fail(failure) override {
    throw std::runtime_error("secret");
  }
};

/// Makes of everything what JSON has no number for.
struct dividing_encoder : reply_encoder {
  reply finish(reply) override {
    return json_reply(std::numeric_limits<double>::infinity());
  }

  std::optional<payload> item(payload) override {
    return payload{nlohmann::json(std::nan(""))};
  }
};

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

/// Makes events of even numbers, keeps 1 back, and leaves the others to `item`.
struct even_encoder : tagging_encoder {
  std::string text;

  std::optional<std::string_view> events(payload& x) override {
    auto n = x.json()->get<int>();
    if (n == 1)
      return "";
    if (n % 2 != 0)
      return std::nullopt;
    text = "data: " + std::to_string(n) + "\n\n";
    return text;
  }
};

class encoded_exchange_test : public handler_fixture {
protected:
  /// Calls the model; the test answers through `inner`.
  recording_ptr serve_open() {
    on_model = nullptr;
    return serve([this](const request&, context&) -> outcome {
      auto result = call_model("m", "document");
      result.encoder = encoder;
      return result;
    });
  }

  std::shared_ptr<full_encoder> encoder = std::make_shared<full_encoder>();
};

} // namespace

TEST_F(encoded_exchange_test, an_answer_that_json_cannot_have_is_500) {
  EXPECT_EQ(outcome_of(*serve(calling<dividing_encoder>())), internal);
}

TEST_F(encoded_exchange_test, an_item_that_json_cannot_have_is_500) {
  on_model = [](exchange& x) {
    x.write(payload{nlohmann::json(1)});
    x.finish();
  };
  auto ex = serve(calling<dividing_encoder>());
  EXPECT_TRUE(ex->items.empty());
  EXPECT_EQ(outcome_of(*ex), internal);
}

TEST_F(encoded_exchange_test, the_answer_goes_through_the_encoder) {
  auto ex = serve(calling<tagging_encoder>());
  EXPECT_EQ(outcome_of(*ex), R"(201 finish:"document")");
}

TEST_F(encoded_exchange_test, items_go_through_the_encoder) {
  on_model = [](exchange& x) {
    x.write(payload{nlohmann::json(1)});
    x.write(payload{nlohmann::json(2)});
    x.finish();
  };
  auto ex = serve(calling<tagging_encoder>());
  ASSERT_EQ(ex->items.size(), 2u);
  EXPECT_EQ(ex->items[1].raw()->data, "item:2");
  EXPECT_EQ(outcome_of(*ex), "201 finish:");
}

TEST_F(encoded_exchange_test, events_of_the_encoder_pass_as_they_are) {
  on_model = [](exchange& x) {
    for (int i = 1; i < 5; ++i)
      EXPECT_EQ(x.write(payload{nlohmann::json(i)}), flow::ok);
    x.finish();
  };
  auto ex = serve(calling<even_encoder>());
  ASSERT_EQ(ex->items.size(), 3u);
  EXPECT_EQ(ex->items[0].raw()->data, "data: 2\n\n");
  EXPECT_EQ(ex->items[0].content_type(), "text/event-stream");
  EXPECT_EQ(ex->items[1].raw()->data, "item:3");
  EXPECT_EQ(ex->items[2].raw()->data, "data: 4\n\n");
}

TEST_F(encoded_exchange_test, the_clients_exchange_hears_how_items_are_made) {
  /// One whose reader is too slow when asked.
  struct slow_reader : recording_exchange {
    bool end_if_too_slow() override {
      return abandon(make_failure(errc::deadline_exceeded));
    }
  };
  on_model = [](exchange& x) {
    x.waits = false;
    x.company = 3;
    x.write(payload{nlohmann::json(1)});
    EXPECT_FALSE(x.cancelled());
    EXPECT_TRUE(x.end_if_too_slow());
    EXPECT_TRUE(x.cancelled());
  };
  auto ex = make_sink<slow_reader>();
  ex->request.body = "[1]";
  serve(calling<tagging_encoder>(), ex);
  EXPECT_FALSE(ex->waits);
  EXPECT_EQ(ex->company, 3U);
}

TEST_F(encoded_exchange_test, without_an_encoder_everything_passes_as_it_is) {
  on_model = [](exchange& x) {
    x.write(payload{nlohmann::json(1)});
    x.fail(make_failure(errc::worker_died));
  };
  auto ex = serve(call);
  ASSERT_EQ(ex->items.size(), 1u);
  EXPECT_EQ(*ex->items[0].json(), 1);
  EXPECT_EQ(ex->error->code, errc::worker_died);
}

TEST_F(encoded_exchange_test, a_failure_goes_through_the_encoder) {
  on_model = [](exchange& x) { x.fail(make_failure(errc::unprocessable)); };
  auto ex = serve(calling<tagging_encoder>());
  EXPECT_EQ(outcome_of(*ex), R"(unprocessable: "fail:unprocessable")");
}

TEST_F(encoded_exchange_test, an_encoder_that_throws_is_500) {
  auto ex = serve(calling<throwing_encoder>());
  EXPECT_EQ(outcome_of(*ex), internal);
  on_model = [](exchange& x) { x.fail(make_failure(errc::unprocessable)); };
  EXPECT_EQ(outcome_of(*serve(calling<throwing_encoder>())), internal);
}

TEST_F(encoded_exchange_test,
       an_encoder_that_throws_in_a_stream_stops_the_model) {
  flow seen = flow::ok;
  on_model = [&](exchange& x) {
    seen = x.write(payload{nlohmann::json(1)});
    x.finish();
  };
  auto ex = serve(calling<throwing_encoder>());
  EXPECT_EQ(seen, flow::cancelled);
  EXPECT_EQ(outcome_of(*ex), internal);
}

TEST_F(encoded_exchange_test, the_models_work_is_cancelled_with_the_clients) {
  on_model = nullptr;
  auto ex = serve(call);
  ASSERT_NE(inner, nullptr);
  EXPECT_FALSE(inner->cancelled());
  ex->cancel();
  EXPECT_TRUE(inner->cancelled());
}

TEST_F(encoded_exchange_test, a_call_that_the_pool_gives_up_leaves_the_client) {
  on_model = nullptr;
  auto ex = serve(call);
  inner->cancel();
  EXPECT_FALSE(ex->cancelled());
}

TEST_F(encoded_exchange_test, a_forgotten_call_answers_500) {
  on_model = nullptr;
  auto ex = serve(call);
  EXPECT_EQ(outcome_of(*ex), "open");
  inner = nullptr;
  EXPECT_EQ(outcome_of(*ex), internal);
}

TEST_F(encoded_exchange_test, what_an_encoder_throws_goes_to_the_log) {
  serve(calling<throwing_encoder>());
  EXPECT_NE(logged.find("secret"), std::string::npos) << logged;
}

TEST_F(encoded_exchange_test, stops_the_model_when_the_encoder_fails) {
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

TEST_F(encoded_exchange_test, stops_the_model_when_the_client_leaves) {
  auto ex = serve_open();
  ex->abandon(make_failure(errc::cancelled));
  EXPECT_TRUE(inner->cancelled());
  EXPECT_EQ(inner->write(payload{nlohmann::json(1)}), flow::cancelled);
  EXPECT_EQ(encoder->asked, 0);
}

TEST_F(encoded_exchange_test,
       stops_the_model_when_the_request_ended_elsewhere) {
  auto ex = serve_open();
  ex->fail(make_failure(errc::draining));
  EXPECT_TRUE(inner->cancelled());
}
