#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/tests/support/fake_model.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

TEST(exchange, is_wanted_until_it_is_cancelled) {
  auto ex = ask();
  EXPECT_FALSE(ex->cancelled());
  ex->cancel();
  EXPECT_TRUE(ex->cancelled());
  // Still open: somebody has to end it.
  EXPECT_FALSE(ex->ended());
}

TEST(exchange, expires_at_its_deadline) {
  auto ex = ask();
  deadline_clock::time_point t{1h};
  ex->deadline = t;
  EXPECT_FALSE(ex->expired(t - 1ns));
  EXPECT_TRUE(ex->expired(t));
  EXPECT_TRUE(ex->expired(t + 1ns));
}

TEST(exchange, without_a_deadline_never_expires) {
  auto ex = ask();
  EXPECT_FALSE(ex->expired(deadline_clock::now() + 24h));
}

TEST(exchange, renders_errors_in_the_default_envelope) {
  auto ex = ask();
  auto answer = ex->render_error(make_failure(errc::not_found));
  EXPECT_EQ(std::move(answer.body).take_text(), R"({"detail":"Not Found"})");
}

TEST(exchange, gives_its_place_back_at_the_end_of_its_life) {
  auto gate = std::make_shared<admission>(1);
  auto ex = ask();
  ex->ticket = admission_ticket{gate};
  EXPECT_EQ(gate->taken(), 1u);
  ex.reset();
  EXPECT_EQ(gate->taken(), 0u);
}

// -- limits of the parts ------------------------------------------------------

namespace {

constexpr deadline_clock::time_point t0{1h};

std::shared_ptr<recording_exchange> ask_within(time_limits limits) {
  auto ex = ask();
  ex->created = t0;
  ex->deadline = t0 + 60s;
  ex->limits = limits;
  return ex;
}

/// Stops at once when it is told to, and calls that a clean end.
class eager_producer : public recording_exchange {
public:
  void cancel() noexcept override {
    recording_exchange::cancel();
    finish();
  }
};

} // namespace

TEST(exchange, may_wait_as_long_as_the_queue_allows) {
  auto ex = ask_within({2s, 5s, 1s});
  EXPECT_EQ(ex->due(), t0 + 2s);
  EXPECT_FALSE(ex->expired(t0 + 1999ms));
  EXPECT_TRUE(ex->expired(t0 + 2s));
}

TEST(exchange, has_left_the_queues_limit_behind_once_it_starts) {
  auto ex = ask_within({2s, 5s, 0s});
  EXPECT_FALSE(ex->started());
  ex->start(t0 + 1s);
  EXPECT_TRUE(ex->started());
  EXPECT_EQ(ex->due(), t0 + 6s);
  // A second try has its own time.
  ex->start(t0 + 3s);
  EXPECT_EQ(ex->due(), t0 + 8s);
}

TEST(exchange, counts_silence_from_the_start_and_from_each_item) {
  auto ex = ask_within({0s, 10s, 3s});
  EXPECT_EQ(ex->due(), t0 + 60s);
  ex->start(t0 + 1s);
  EXPECT_EQ(ex->due(), t0 + 4s);
  ex->touch(t0 + 2s);
  EXPECT_EQ(ex->due(), t0 + 5s);
  ex->touch(t0 + 9s);
  EXPECT_EQ(ex->due(), t0 + 11s) << "the execution's limit comes first";
}

TEST(exchange, has_its_deadline_beside_every_limit) {
  auto ex = ask_within({90s, 90s, 90s});
  EXPECT_EQ(ex->due(), t0 + 60s);
  ex->start(t0 + 50s);
  EXPECT_EQ(ex->due(), t0 + 60s);
  EXPECT_EQ(ask()->due(), deadline_clock::time_point::max());
}

TEST(exchange, waits_again_for_the_model_that_a_spec_hands_it_to) {
  auto ex = ask_within({});
  ex->start(t0 + 1s);
  ex->hand_on({{2s, 4s, 3s}, 0ms, nullptr});
  EXPECT_FALSE(ex->started());
  EXPECT_EQ(ex->due(), t0 + 2s);
  ex->start(t0 + 2s);
  EXPECT_EQ(ex->due(), t0 + 5s);
  ex->touch(t0 + 4s);
  EXPECT_EQ(ex->due(), t0 + 6s);
}

TEST(exchange, has_the_time_of_the_model_that_a_spec_hands_it_to) {
  auto ex = ask_within({});
  ex->hand_on({{}, 0ms, nullptr, 7s});
  EXPECT_EQ(ex->due(), t0 + 7s);
  ex->start(t0 + 5s);
  EXPECT_EQ(ex->due(), t0 + 7s) << "from the beginning, not from the start";
  ex->hand_on({{}, 0ms, nullptr, 90s});
  EXPECT_EQ(ex->due(), t0 + 60s) << "beside its own";
}

TEST(exchange, is_bounded_until_a_model_has_it) {
  auto ex = ask_within({});
  ex->bound_until_handed_on(5s);
  EXPECT_EQ(ex->due(), t0 + 5s);
  ex->start(t0 + 1s);
  EXPECT_EQ(ex->due(), t0 + 5s);
  ex->hand_on({{}, 0ms, nullptr, 20s});
  EXPECT_EQ(ex->due(), t0 + 20s);
  ex->hand_on({{}, 0ms, nullptr, 0ms});
  EXPECT_EQ(ex->due(), t0 + 60s) << "its own deadline stays";
}

TEST(exchange, renders_failures_as_it_was_told_last) {
  auto ex = ask();
  std::string thrown;
  EXPECT_EQ(ex->render(make_failure(errc::not_found), thrown).status, 404);
  ex->render_with([](const failure& why) {
    return text_reply(std::string{to_string(why.code)}, 200);
  });
  auto answer = ex->render(make_failure(errc::not_found), thrown);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(std::move(answer.body).take_text(), "not_found");
  EXPECT_EQ(thrown, "");
}

TEST(exchange, renders_a_plain_500_when_its_renderer_throws) {
  auto ex = ask();
  ex->render_error = [](const failure&) -> reply {
    throw std::runtime_error("no words");
  };
  std::string thrown;
  auto answer = ex->render(make_failure(errc::not_found), thrown);
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(std::move(answer.body).take_text(),
            "{\"detail\":\"Internal server error\"}");
  EXPECT_EQ(thrown, "no words");
}

TEST(exchange, is_looked_at_before_what_begins_unseen_can_run_out) {
  auto ex = ask_within({0s, 5s, 3s});
  EXPECT_EQ(ex->next_look(t0), t0 + 3s);
  // Begun right after that look.
  ex->start(t0 + 1ms);
  EXPECT_GE(ex->due(), t0 + 3s);
  EXPECT_EQ(ex->next_look(t0 + 3s), ex->due());
  EXPECT_EQ(ask_within({1s, 5s, 3s})->next_look(t0), t0 + 1s);
  EXPECT_EQ(ask()->next_look(t0), deadline_clock::time_point::max());
}

TEST(exchange, fails_before_it_tells_the_producer_to_stop) {
  auto ex = make_sink<eager_producer>();
  EXPECT_TRUE(ex->abandon(make_failure(errc::deadline_exceeded)));
  EXPECT_TRUE(ex->cancelled());
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->code, errc::deadline_exceeded);
  EXPECT_FALSE(ex->answer);
}

TEST(exchange, stops_a_producer_that_has_answered_already) {
  auto ex = ask();
  ex->finish(text_reply("done"));
  EXPECT_FALSE(ex->abandon(make_failure(errc::cancelled)));
  EXPECT_TRUE(ex->cancelled());
  EXPECT_EQ(outcome_of(*ex), "200 done");
}
