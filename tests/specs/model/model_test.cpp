#include "troupe/specs/model/model.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// Says what is wrong with options that `change` made wrong.
template <class F>
std::string complaint_about(F&& change) {
  model_options x;
  x.name = "m";
  change(x);
  return x.validate();
}

} // namespace

TEST(model_options, are_fine_with_just_a_name) {
  EXPECT_EQ(complaint_about([](auto&) {}), "");
  EXPECT_EQ(complaint_about([](auto& x) { x.name = "a.B-9_"; }), "");
}

TEST(model_options, need_a_name_of_plain_characters) {
  EXPECT_NE(model_options{}.validate(), "");
  for (auto name : {"", "a b", "a/b", "\xC3\xA4", "a\n", "a\"", "{a}"})
    EXPECT_TRUE(
      complaint_about([&](auto& x) { x.name = name; }).starts_with("name:"))
      << name;
}

TEST(model_options, need_a_sane_number_of_workers) {
  auto with = [](std::size_t n) {
    return complaint_about([n](auto& x) { x.workers = n; });
  };
  EXPECT_TRUE(with(0).starts_with("workers:"));
  EXPECT_EQ(with(1), "");
  EXPECT_EQ(with(1024), "");
  EXPECT_TRUE(with(1025).starts_with("workers:"));
}

TEST(model_options, let_the_number_of_workers_follow_the_load) {
  auto with = [](worker_count n) {
    return complaint_about([n](auto& x) { x.workers = n; });
  };
  EXPECT_EQ(with({1, 8}), "");
  EXPECT_EQ((worker_count{2, 8}.range()), (worker_range{2, 8}));
  EXPECT_EQ(worker_count{3}.range(), (worker_range{3, 3}));
  EXPECT_TRUE(with({3, 2}).starts_with("workers.max:"));
  EXPECT_TRUE(with({1, 1025}).starts_with("workers:"));
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.workers = {1, 2};
                x.execution = execution_mode::inlined;
              }).starts_with("workers.max: an inline model"));
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.workers = {1, 2};
                x.workers.utilisation = 1.5;
              }).starts_with("workers.utilisation:"));
}

TEST(model_options, know_what_follows_when_a_model_is_given_up) {
  model_options x;
  EXPECT_EQ(x.escalates(), escalation::exit);
  x.required = false;
  EXPECT_EQ(x.escalates(), escalation::model_not_ready);
  x.restart.supervision.escalate = escalation::server_not_ready;
  EXPECT_EQ(x.escalates(), escalation::server_not_ready);
}

TEST(model_options, need_a_batch_of_at_least_one) {
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.batch.max_size = 0;
              }).starts_with("batch.max_size:"));
  EXPECT_EQ(complaint_about([](auto& x) { x.batch.max_size = 1; }), "");
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.batch.max_delay = 1us;
              }).starts_with("batch.max_delay_ms: has no effect"));
  EXPECT_EQ(complaint_about([](auto& x) { x.batch = {2, 1us}; }), "");
}

TEST(model_options, ask_for_health_with_pauses) {
  auto with = [](std::chrono::milliseconds x) {
    return complaint_about([x](auto& o) { o.restart.health_interval = x; });
  };
  EXPECT_TRUE(with(0ms).starts_with("health_interval_ms:"));
  EXPECT_TRUE(with(-1ms).starts_with("health_interval_ms:"));
  EXPECT_EQ(with(1ms), "");
}

TEST(model_options, refuse_negative_times) {
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.batch.max_delay = -1us;
              }).starts_with("batch.max_delay_ms:"));
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.timeout = -1ms;
              }).starts_with("timeout_ms:"));
  EXPECT_EQ(complaint_about([](auto& x) { x.timeout = 0ms; }), "");
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.limits.queue = -1ms;
              }).starts_with("queue_timeout_ms:"));
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.limits.execution = -1ms;
              }).starts_with("execution_timeout_ms:"));
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.limits.stream_idle = -1ms;
              }).starts_with("stream_idle_timeout_ms:"));
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.limits.slow_reader = -1ms;
              }).starts_with("slow_reader_timeout_ms:"));
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.heartbeat = -1ms;
              }).starts_with("heartbeat_ms:"));
  EXPECT_EQ(complaint_about([](auto& x) { x.heartbeat = 0ms; }), "");
}

TEST(model_options, need_a_backoff_that_grows) {
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.restart.initial_backoff = -1ms;
              }).starts_with("restart:"));
  EXPECT_TRUE(complaint_about([](auto& x) {
                x.restart.initial_backoff = 2ms;
                x.restart.max_backoff = 1ms;
              }).starts_with("restart:"));
  EXPECT_EQ(complaint_about([](auto& x) {
              x.restart.initial_backoff = 0ms;
              x.restart.max_backoff = 0ms;
            }),
            "");
}

TEST(model, execution_modes_have_the_names_of_the_config) {
  EXPECT_EQ(to_string(execution_mode::dedicated), "dedicated");
  EXPECT_EQ(to_string(execution_mode::inlined), "inline");
}

TEST(model, answers_at_once_and_is_healthy_unless_it_says_otherwise) {
  struct silent : model {
    void process(std::span<const exchange_ptr>) override {
      // nop
    }
  } x;
  EXPECT_FALSE(x.answers_later());
  EXPECT_TRUE(x.healthy());
  EXPECT_NO_THROW(x.setup({}));
}
