#include "troupe/specs/model/loops/async_loop.hpp"
#include "troupe/tests/support/run_model.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

/// Keeps its promises for the test.
struct keeper {
  std::shared_ptr<std::vector<promise<int>>> kept =
    std::make_shared<std::vector<promise<int>>>();

  std::size_t capacity() const {
    return 5;
  }

  void predict(int x, promise<int> out) {
    if (x < 0)
      throw http_error(422, "negative");
    if (x > 0)
      kept->push_back(std::move(out));
  }

  nlohmann::json encode_response(int y) {
    if (y == 13)
      throw http_error(418, "thirteen");
    if (y == 666)
      throw worker_fatal("broken");
    return {{"output", y}};
  }
};

struct async_loop_test : ::testing::Test {
  async_loop_test() {
    m.setup();
  }

  keeper user;
  lone_model<keeper> m{user};
};

} // namespace

TEST_F(async_loop_test, answers_when_the_promise_is_kept) {
  auto got = m.send({"1", "2"});
  EXPECT_EQ(m.instance->capacity(), 5u);
  EXPECT_EQ(m.instance->open(), 2u);
  EXPECT_TRUE(m.instance->answers_later());
  user.kept->at(1).finish(20);
  user.kept->at(0).finish(10);
  EXPECT_FALSE(got[0]->ended());
  m.run_posted();
  EXPECT_EQ(outcome_of(*got[0]), R"(200 {"output":10})");
  EXPECT_EQ(outcome_of(*got[1]), R"(200 {"output":20})");
}

TEST_F(async_loop_test, counts_a_promise_until_the_last_copy_is_gone) {
  m.send({"1"});
  user.kept->at(0).finish(1);
  m.run_posted();
  EXPECT_EQ(m.instance->open(), 1u);
  user.kept->clear();
  m.run_posted();
  EXPECT_EQ(m.instance->open(), 0u);
}

TEST_F(async_loop_test, a_forgotten_promise_is_an_error) {
  auto got = m.send({"1", "0"});
  m.run_posted();
  EXPECT_EQ(got[1]->error->effective_status(), 500);
  EXPECT_EQ(outcome_of(*got[0]), "open");
  user.kept->clear();
  m.run_posted();
  EXPECT_EQ(got[0]->error->effective_status(), 500);
}

TEST_F(async_loop_test, leaves_the_answer_of_a_dead_worker_to_others) {
  auto got = m.send({"1", "2"});
  auto& out = user.kept->at(0);
  m.instance.reset();
  EXPECT_TRUE(out.done());
  EXPECT_EQ(out.write(1), flow::cancelled);
  user.kept->clear();
  EXPECT_EQ(outcome_of(*got[0]), "open");
  EXPECT_EQ(outcome_of(*got[1]), "open");
}

TEST_F(async_loop_test, says_full_while_the_workers_thread_is_behind) {
  auto got = m.send({"1"})[0];
  auto& out = user.kept->at(0);
  std::size_t n = 0;
  while (out.write(1) == flow::ok)
    ++n;
  EXPECT_EQ(n + 1, promise<int>::most_waiting);
  EXPECT_TRUE(out.congested());
  m.run_posted();
  EXPECT_FALSE(out.congested());
  EXPECT_EQ(got->items.size(), n + 1);
  EXPECT_EQ(out.write(1), flow::ok);
}

TEST_F(async_loop_test, knows_the_request_of_a_promise) {
  m.send({"1"});
  auto ctx = user.kept->at(0).ctx();
  EXPECT_EQ(ctx.request_id(), "1");
  ctx.store<std::string>() = "kept";
  EXPECT_EQ(user.kept->at(0).ctx().store<std::string>(), "kept");
}

TEST_F(async_loop_test, an_encoder_may_break_the_worker) {
  auto got = m.send({"1", "2"});
  user.kept->at(0).finish(666);
  EXPECT_THROW(m.run_posted(), worker_fatal);
  EXPECT_EQ(outcome_of(*got[0]), "open");
  user.kept->at(1).write(666);
  EXPECT_THROW(m.run_posted(), worker_fatal);
}

TEST_F(async_loop_test, streams_in_the_order_of_the_writes) {
  auto got = m.send({"1"})[0];
  auto& out = user.kept->at(0);
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(out.write(i), flow::ok);
  out.finish();
  m.run_posted();
  EXPECT_EQ(stream_of(*got),
            R"({"output":0} {"output":1} {"output":2} {"output":3} end)");
}

TEST_F(async_loop_test, only_the_first_end_counts) {
  auto got = m.send({"1"})[0];
  auto& out = user.kept->at(0);
  out.fail(std::make_exception_ptr(http_error(503, "no")));
  out.finish(7);
  m.run_posted();
  EXPECT_EQ(got->error->effective_status(), 503);
}

TEST_F(async_loop_test, what_cannot_be_encoded_fails_its_request) {
  auto got = m.send({"1", "-1"});
  EXPECT_EQ(got[1]->error->effective_status(), 422);
  user.kept->at(0).finish(13);
  m.run_posted();
  EXPECT_EQ(got[0]->error->effective_status(), 418);
}

TEST_F(async_loop_test, tells_a_promise_of_a_client_that_left) {
  auto got = m.send({"1"})[0];
  got->abandon(make_failure(errc::cancelled));
  EXPECT_TRUE(user.kept->at(0).cancelled());
  EXPECT_EQ(user.kept->at(0).write(1), flow::cancelled);
}

TEST(async_loop, a_client_that_leaves_during_decoding_is_not_predicted) {
  struct losing {
    exchange_ptr* client;
    int* calls;

    int decode_request(const nlohmann::json& x) {
      (*client)->cancel();
      return x.get<int>();
    }

    void predict(int, promise<int>) {
      ++*calls;
    }
  };
  exchange_ptr client = ask("3");
  int calls = 0;
  lone_model<losing> m{losing{&client, &calls}};
  m.setup();
  m.instance->process({&client, 1});
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(m.instance->open(), 0u);
  EXPECT_TRUE(client->ended());
}
