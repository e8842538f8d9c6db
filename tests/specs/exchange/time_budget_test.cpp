#include "troupe/specs/exchange/time_budget.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

constexpr deadline_clock::time_point t0{1h};
constexpr auto never = time_budget::never;

/// A budget that began at t0.
struct begun : time_budget {
  explicit begun(const time_limits& limits = {}) {
    begin(t0, limits);
  }
};

/// The limits of a model that a spec calls.
constexpr time_limits queue_execution_idle{2s, 4s, 3s, 0s};

} // namespace

TEST(time_budget, without_limits_never_runs_out) {
  begun x;
  EXPECT_EQ(x.due(), never);
  EXPECT_EQ(x.next_look(t0), never);
  EXPECT_FALSE(x.expired(t0 + 24h));
  x.start(t0);
  EXPECT_EQ(x.due(), never);
}

TEST(time_budget, runs_out_at_the_clients_deadline) {
  begun x{{90s, 90s, 90s, 90s}};
  x.lower_deadline(t0 + 5s);
  x.lower_deadline(t0 + 60s);
  EXPECT_EQ(x.deadline(), t0 + 5s) << "it is lowered only";
  EXPECT_FALSE(x.expired(t0 + 5s - 1ns));
  EXPECT_TRUE(x.expired(t0 + 5s));
  x.start(t0 + 1s);
  EXPECT_EQ(x.due(), t0 + 5s);
}

TEST(time_budget, bounds_the_queue_until_a_worker_takes_the_request) {
  begun x{{2s, 5s, 0s, 0s}};
  EXPECT_EQ(x.due(), t0 + 2s);
  EXPECT_FALSE(x.started());
  x.start(t0 + 1s);
  EXPECT_TRUE(x.started());
  EXPECT_EQ(x.due(), t0 + 6s);
  x.start(t0 + 3s);
  EXPECT_EQ(x.due(), t0 + 8s) << "a second try has its own time";
}

TEST(time_budget, bounds_a_whole_answer_by_the_timeout) {
  begun x{{0s, 0s, 0s, 30s}};
  EXPECT_EQ(x.due(), t0 + 30s);
  x.start(t0 + 20s);
  x.touch(t0 + 29s);
  EXPECT_EQ(x.due(), t0 + 30s) << "progress that the client does not see";
}

TEST(time_budget, bounds_a_stream_by_the_timeout_until_its_first_item_only) {
  begun x{{0s, 0s, 10s, 30s}};
  x.start(t0 + 25s);
  EXPECT_EQ(x.due(), t0 + 30s);
  x.begin_stream();
  x.touch(t0 + 29s);
  EXPECT_EQ(x.due(), t0 + 39s);
  x.touch(t0 + 38s);
  EXPECT_EQ(x.due(), t0 + 48s);
}

TEST(time_budget, gives_the_silence_between_items_the_timeout_by_default) {
  begun x{{0s, 0s, {}, 30s}};
  x.start(t0 + 1s);
  x.begin_stream();
  x.touch(t0 + 20s);
  EXPECT_EQ(x.due(), t0 + 50s);
}

TEST(time_budget, lets_a_stream_be_silent_for_ever_when_told_so) {
  begun x{{0s, 0s, 0s, 30s}};
  x.start(t0);
  x.begin_stream();
  EXPECT_EQ(x.due(), never);
}

TEST(time_budget, holds_a_streams_execution_limit_to_its_end) {
  begun x{{0s, 10s, 3s, 0s}};
  x.start(t0 + 1s);
  x.begin_stream();
  EXPECT_EQ(x.due(), t0 + 4s);
  x.touch(t0 + 9s);
  EXPECT_EQ(x.due(), t0 + 11s);
}

TEST(time_budget, holds_the_clients_deadline_for_streams_too) {
  begun x{{0s, 0s, 0s, 30s}};
  x.lower_deadline(t0 + 40s);
  x.start(t0);
  x.begin_stream();
  EXPECT_EQ(x.due(), t0 + 40s);
}

TEST(time_budget, waits_again_for_the_model_that_a_spec_hands_it_to) {
  begun x;
  x.start(t0 + 1s);
  x.hand_on(queue_execution_idle);
  EXPECT_FALSE(x.started());
  EXPECT_EQ(x.due(), t0 + 2s);
  x.start(t0 + 2s);
  EXPECT_EQ(x.due(), t0 + 5s);
  x.touch(t0 + 4s);
  EXPECT_EQ(x.due(), t0 + 6s);
}

TEST(time_budget, counts_the_models_timeout_from_the_beginning) {
  begun x;
  x.hand_on({0s, 0s, {}, 7s});
  EXPECT_EQ(x.due(), t0 + 7s);
  x.start(t0 + 5s);
  EXPECT_EQ(x.due(), t0 + 7s) << "not from the start";
  x.begin_stream();
  x.touch(t0 + 6s);
  EXPECT_EQ(x.due(), t0 + 13s);
}

TEST(time_budget, is_bounded_until_a_model_has_it) {
  begun x;
  x.bound_until_handed_on(5s);
  EXPECT_EQ(x.due(), t0 + 5s);
  x.start(t0 + 1s);
  EXPECT_EQ(x.due(), t0 + 5s);
  x.hand_on({0s, 0s, {}, 20s});
  EXPECT_EQ(x.due(), t0 + 20s);
  x.hand_on({});
  EXPECT_EQ(x.due(), never);
}

TEST(time_budget, takes_the_earlier_of_its_own_limits_and_the_models) {
  begun x{{0s, 0s, 8s, 60s}};
  x.hand_on({0s, 0s, 5s, 90s});
  EXPECT_EQ(x.due(), t0 + 60s);
  x.start(t0 + 50s);
  x.begin_stream();
  EXPECT_EQ(x.due(), t0 + 55s);
}

TEST(time_budget, takes_the_models_patience_with_a_slow_reader) {
  begun x{{0s, 0s, {}, 0s, 4s}};
  EXPECT_EQ(x.slow_reader(), 4s);
  x.hand_on({0s, 0s, {}, 0s, 9s});
  EXPECT_EQ(x.slow_reader(), 9s);
  x.hand_on({0s, 0s, {}, 0s, 0s});
  EXPECT_EQ(x.slow_reader(), 0s) << "for ever";
}

TEST(time_budget, is_looked_at_before_what_begins_unseen_can_run_out) {
  begun x{{0s, 5s, 3s, 0s}};
  EXPECT_EQ(x.next_look(t0), t0 + 3s);
  // Begun right after that look.
  x.start(t0 + 1ms);
  EXPECT_GE(x.due(), t0 + 3s);
  EXPECT_EQ(x.next_look(t0 + 3s), x.due());
  EXPECT_EQ((begun{{1s, 5s, 3s, 0s}}.next_look(t0)), t0 + 1s);
}

TEST(time_budget, tells_whether_an_answer_would_be_in_time) {
  begun x{{.queue = 2s, .timeout = 10s}};
  EXPECT_TRUE(x.can_make(t0 + 1s, 5s));
  EXPECT_FALSE(x.can_make(t0 + 1s, 9s)) << "the answer is late";
  EXPECT_FALSE(x.can_make(t0 + 2s, 0s)) << "it waits for too long";
  x.lower_deadline(t0 + 3s);
  EXPECT_TRUE(x.can_make(t0 + 1s, 1s));
  EXPECT_FALSE(x.can_make(t0 + 1s, 2s));
  EXPECT_TRUE(begun{}.can_make(t0 + 1h, 1h));
}

TEST(time_budget, tells_it_by_the_limits_of_the_model_that_was_called) {
  begun x{{0s, 0s, 0s, 90s}};
  x.hand_on({.queue = 2s, .timeout = 10s});
  EXPECT_TRUE(x.can_make(t0 + 1s, 5s));
  EXPECT_FALSE(x.can_make(t0 + 1s, 9s));
  EXPECT_FALSE(x.can_make(t0 + 3s, 0s));
}
