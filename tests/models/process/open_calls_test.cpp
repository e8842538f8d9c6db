#include "troupe/models/process/open_calls.hpp"
#include "troupe/tests/models/process/channel_pair.hpp"
#include "troupe/tests/specs/worker/passed.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using std::chrono::seconds;

class open_calls_test : public ::testing::Test {
protected:
  std::shared_ptr<recording_exchange> add() {
    auto ex = make_sink<recording_exchange>();
    const exchange_ptr as_sink = ex;
    calls.add({&as_sink, 1});
    return ex;
  }

  static worker::incoming_frame finished(std::uint64_t id) {
    std::string kept;
    return passed(worker::finish_frame(id, json_reply("done"), kept));
  }

  static worker::incoming_frame item(std::uint64_t id) {
    std::string kept;
    return passed(worker::item_frame(id, nlohmann::json("item"), kept));
  }

  channel_pair pair;
  worker_slot slot;
  std::vector<std::string> log;
  open_calls calls{pair.here, slot, false,
                   [this](std::string x) { log.push_back(std::move(x)); }};
};

} // namespace

TEST_F(open_calls_test, answers_each_call_once) {
  auto first = add();
  auto second = add();
  EXPECT_EQ(calls.batches(), 2U);
  calls.on_finish(finished(2));
  EXPECT_TRUE(second->answer);
  EXPECT_FALSE(first->ended());
  EXPECT_EQ(calls.batches(), 1U);
  EXPECT_THROW(calls.on_finish(finished(2)), worker::protocol_error);
  EXPECT_THROW(calls.on_finish(finished(99)), worker::protocol_error);
  worker::outgoing_frame fail{"fail"};
  fail.number("id", 1).number("status", 418).text("log", "why");
  fail.close();
  calls.on_fail(passed(fail));
  ASSERT_TRUE(first->error);
  EXPECT_EQ(first->error->effective_status(), 418);
  EXPECT_EQ(log, (std::vector<std::string>{"request : why"}));
  EXPECT_EQ(calls.batches(), 0U);
}

TEST_F(open_calls_test, counts_a_frame_until_its_last_call_has_ended) {
  std::vector<exchange_ptr> batch;
  for (int i = 0; i < 3; ++i)
    batch.push_back(make_sink<recording_exchange>());
  EXPECT_EQ(calls.add(batch), (std::vector<std::uint64_t>{1, 2, 3}));
  calls.on_finish(finished(3));
  calls.on_finish(finished(1));
  EXPECT_EQ(calls.batches(), 1U);
  calls.on_finish(finished(2));
  EXPECT_EQ(calls.batches(), 0U);
}

TEST_F(open_calls_test, gives_credit_as_items_are_taken) {
  auto ex = add();
  for (std::uint64_t i = 0; i < worker::initial_credit / 2; ++i)
    calls.on_item(item(1));
  auto frame = next_frame(pair.there);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type(), "credit");
  EXPECT_EQ(frame->header()["items"], worker::initial_credit / 2);
  EXPECT_EQ(ex->items.size(), worker::initial_credit / 2);
}

TEST_F(open_calls_test, refuses_an_item_without_credit) {
  // Nobody reads, so no credit can be sent once the socket is full.
  class behind : public recording_exchange {
  public:
    [[nodiscard]] bool congested() const noexcept override {
      return true;
    }
  };
  const exchange_ptr ex = make_sink<behind>();
  calls.add({&ex, 1});
  for (std::uint64_t i = 0; i < worker::initial_credit; ++i)
    calls.on_item(item(1));
  EXPECT_TRUE(calls.owes_credit());
  EXPECT_THROW(calls.on_item(item(1)), worker::protocol_error);
}

TEST_F(open_calls_test, tells_of_calls_that_nobody_waits_for) {
  auto ex = add();
  const deadline_clock::time_point start{seconds{100}};
  EXPECT_EQ(calls.look(start), seconds{0});
  ex->abandon(make_failure(errc::cancelled));
  EXPECT_EQ(calls.look(start), seconds{0});
  EXPECT_EQ(calls.look(start + seconds{3}), seconds{3});
  auto frame = next_frame(pair.there);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type(), "cancel");
  EXPECT_EQ(frame->header()["id"], 1);
  calls.on_finish(finished(1));
  EXPECT_EQ(calls.look(start + seconds{4}), seconds{0});
  ASSERT_TRUE(pair.here.send(plain_frame("end")));
  EXPECT_EQ(next_frame(pair.there)->type(), "end") << "it was told once";
}

TEST_F(open_calls_test, takes_a_body_after_items_for_one_more) {
  auto ex = add();
  calls.on_item(item(1));
  calls.on_finish(finished(1));
  EXPECT_EQ(ex->items.size(), 2U);
  ASSERT_TRUE(ex->answer);
  EXPECT_TRUE(ex->answer->body.empty());
}

TEST_F(open_calls_test, refuses_an_answer_that_is_no_json) {
  class text_taker : public recording_exchange {
  public:
    [[nodiscard]] bool takes_json_text() const noexcept override {
      return true;
    }
  };
  const exchange_ptr ex = make_sink<text_taker>();
  calls.add({&ex, 1});
  worker::outgoing_frame broken{"finish"};
  broken.number("id", 1).json("body", R"({"kind":"json","part":0})");
  broken.add_part("[1,nu");
  broken.close();
  EXPECT_THROW(calls.on_finish(passed(broken)), worker::protocol_error);
  EXPECT_FALSE(ex->ended());
}

} // namespace troupe
