#include "troupe/specs/model/loops/model_adapter.hpp"
#include "troupe/tests/support/fake_model.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

struct squares {
  std::vector<int> predict(std::span<const int> xs) {
    std::vector<int> result;
    for (int x : xs)
      result.push_back(x * x);
    return result;
  }
};

struct encoding {
  std::vector<int> predict(std::span<const int> xs) {
    return squares{}.predict(xs);
  }

  nlohmann::json encode_response(int y, context& ctx) {
    if (y == 4)
      throw http_error(418, "four");
    return {{std::string{ctx.request_id()}, y}};
  }
};

struct failing {
  std::vector<int> predict(std::span<const int> xs) {
    if (xs[0] == 1)
      throw std::runtime_error("secret");
    if (xs[0] == 2)
      throw worker_fatal("gone");
    if (xs[0] == 3)
      return {1, 2, 3, 4};
    throw http_error(429, "slow down");
  }
};

struct counts_up {
  void predict(int n, stream<int>& out) {
    for (int i = 0; i < n; ++i)
      if (!out.write(i))
        return;
    if (n == 2)
      throw std::runtime_error("secret");
  }
};

struct counting_with_context {
  void predict(int n, stream<int>& out, context& ctx) {
    for (int i = 0; i < n && !ctx.cancelled(); ++i)
      out.write(i);
  }

  payload encode_response(int y, context& ctx) {
    return {std::string{ctx.request_id()} + std::to_string(y), "text/plain"};
  }
};

struct batch_fixture {
  std::vector<std::shared_ptr<recording_exchange>> exchanges;
  std::string log;

  /// Serves the bodies together.
  template <class Model>
  void serve(const std::vector<std::string>& bodies) {
    worker_slot slot;
    slot.log = [this](log_level, std::string_view text) { log = text; };
    model_adapter<Model> x{slot};
    std::vector<exchange_ptr> batch;
    for (const auto& body : bodies) {
      exchanges.push_back(ask(body, "r" + body));
      batch.push_back(exchanges.back());
    }
    x.process(batch);
  }

  [[nodiscard]] std::vector<std::string> outcomes() const {
    std::vector<std::string> result;
    for (const auto& ex : exchanges)
      result.push_back(outcome_of(*ex));
    return result;
  }
};

using strings = std::vector<std::string>;

} // namespace

TEST(model_adapter_batch, answers_each_item_with_its_own_output) {
  batch_fixture f;
  f.serve<squares>({"1", "2", "3"});
  EXPECT_EQ(f.outcomes(), (strings{"200 1", "200 4", "200 9"}));
}

TEST(model_adapter_batch, one_bad_item_never_fails_the_others) {
  batch_fixture f;
  f.serve<squares>({"1", "{", "3", "\"x\""});
  auto outcomes = f.outcomes();
  EXPECT_EQ(outcomes[0], "200 1");
  EXPECT_TRUE(outcomes[1].starts_with("bad_request: ")) << outcomes[1];
  EXPECT_EQ(outcomes[2], "200 9");
  EXPECT_TRUE(outcomes[3].starts_with("unprocessable: ")) << outcomes[3];
}

TEST(model_adapter_batch, never_reaches_predict_without_a_good_item) {
  batch_fixture f;
  // `failing` would read the first of none.
  f.serve<failing>({"{"});
  EXPECT_TRUE(f.outcomes()[0].starts_with("bad_request: "));
}

TEST(model_adapter_batch, an_encode_error_is_the_items_own) {
  batch_fixture f;
  f.serve<encoding>({"1", "2", "3"});
  EXPECT_EQ(f.outcomes(), (strings{R"(200 {"r1":1})", R"(bad_request: "four")",
                                   R"(200 {"r3":9})"}));
}

TEST(model_adapter_batch, what_predict_throws_is_everybodys) {
  batch_fixture f;
  f.serve<failing>({"1", "7"});
  strings expected(2, R"(internal: "Internal server error")");
  EXPECT_EQ(f.outcomes(), expected);
  EXPECT_EQ(f.log, "batch of 2 requests: secret");
}

TEST(model_adapter_batch, an_http_error_of_predict_reaches_everybody) {
  batch_fixture f;
  f.serve<failing>({"4", "5"});
  for (const auto& ex : f.exchanges) {
    ASSERT_TRUE(ex->error);
    EXPECT_EQ(ex->error->effective_status(), 429);
    EXPECT_EQ(ex->error->effective_detail(), "slow down");
  }
}

TEST(model_adapter_batch, as_many_outputs_as_items_or_none_is_used) {
  batch_fixture f;
  f.serve<failing>({"3", "3"});
  strings expected(2, R"(internal: "Batch size mismatch")");
  EXPECT_EQ(f.outcomes(), expected);
  EXPECT_EQ(f.log, "predict made 4 outputs of 2 items");
}

TEST(model_adapter_batch, a_broken_worker_leaves_its_batch_to_the_runtime) {
  batch_fixture f;
  EXPECT_THROW(f.serve<failing>({"2", "2"}), worker_fatal);
  EXPECT_EQ(f.outcomes(), (strings{"open", "open"}));
}

TEST(model_adapter_batch, says_that_it_takes_batches) {
  auto x = make_model<squares>({});
  EXPECT_TRUE(x.batched);
  EXPECT_FALSE(x.streaming);
}

TEST(model_adapter_stream, sends_items_and_a_clean_end) {
  batch_fixture f;
  f.serve<counts_up>({"3"});
  auto& ex = *f.exchanges[0];
  ASSERT_EQ(ex.items.size(), 3u);
  EXPECT_EQ(*ex.items[2].json(), 2);
  ASSERT_TRUE(ex.answer);
  EXPECT_TRUE(ex.answer->body.empty());
}

TEST(model_adapter_stream, encodes_each_item_with_its_context) {
  batch_fixture f;
  f.serve<counting_with_context>({"2"});
  auto& ex = *f.exchanges[0];
  ASSERT_EQ(ex.items.size(), 2u);
  EXPECT_EQ(ex.items[1].raw()->data, "r21");
}

TEST(model_adapter_stream, an_exception_in_the_middle_is_not_a_clean_end) {
  batch_fixture f;
  f.serve<counts_up>({"2"});
  auto& ex = *f.exchanges[0];
  EXPECT_EQ(ex.items.size(), 2u);
  EXPECT_EQ(outcome_of(ex), R"(internal: "Internal server error")");
  EXPECT_EQ(f.log, "request r2: secret");
}

TEST(model_adapter_stream, stops_when_the_client_left) {
  model_adapter<counts_up> x{worker_slot{}};
  auto ex = ask("1000000");
  ex->cancel();
  exchange_ptr ptr = ex;
  x.process({&ptr, 1});
  EXPECT_TRUE(ex->items.empty());
  EXPECT_TRUE(ex->ended());
}

TEST(model_adapter_stream, says_that_it_streams) {
  auto x = make_model<counts_up>({});
  EXPECT_TRUE(x.streaming);
  EXPECT_FALSE(x.batched);
}
