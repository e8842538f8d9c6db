#include "troupe/http/builtins/metrics.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

class metrics_test : public ::testing::Test {
public:
  metrics_test() {
    shared.board = std::make_shared<status_board>();
    gate = std::make_shared<admission>(4);
    model = std::make_shared<model_state>("m", true, 2, gate);
    model->counts_in(shared.board->series("m"));
    shared.board->add(model);
  }

  /// Whether a line of the text is exactly that.
  [[nodiscard]] bool says(const std::string& line) const {
    return ('\n' + metrics_text(shared)).find('\n' + line + '\n')
           != std::string::npos;
  }

  front_shared shared;
  std::shared_ptr<admission> gate;
  std::shared_ptr<model_state> model;
};

TEST_F(metrics_test, count_requests_by_what_became_of_them) {
  auto& t = shared.board->traffic;
  t.count_finished();
  t.count_failed(errc::internal);
  t.count_failed(errc::overloaded);
  t.count_failed(errc::cancelled);
  t.active.add(3);
  EXPECT_TRUE(says("# TYPE troupe_requests_failed_total counter"));
  EXPECT_TRUE(says("troupe_requests_failed_total{reason=\"internal\"} 1"));
  EXPECT_TRUE(says("troupe_requests_failed_total{reason=\"overloaded\"} 1"));
  EXPECT_TRUE(says("troupe_requests_failed_total{reason=\"not_found\"} 0"));
  EXPECT_TRUE(says("troupe_requests_active 3"));
}

TEST_F(metrics_test, tell_what_bodies_take) {
  EXPECT_TRUE(says("troupe_request_body_bytes 0"));
  ASSERT_TRUE(shared.bodies->take(1234));
  EXPECT_TRUE(says("# TYPE troupe_request_body_bytes gauge"));
  EXPECT_TRUE(says("troupe_request_body_bytes 1234"));
}

TEST_F(metrics_test, tell_how_models_are) {
  admission_ticket ticket{gate};
  shared.board->update(*model, model_phase::ready, 1);
  shared.board->count_restart(*model);
  shared.board->health(*model, 1, false);
  EXPECT_TRUE(says("troupe_model_pending_requests{model=\"m\"} 1"));
  EXPECT_TRUE(says("troupe_model_workers{model=\"m\"} 2"));
  EXPECT_TRUE(says("troupe_model_ready_workers{model=\"m\"} 1"));
  EXPECT_TRUE(says("troupe_worker_restarts_total{model=\"m\"} 1"));
  EXPECT_TRUE(says("troupe_model_ready{model=\"m\"} 1"));
  EXPECT_TRUE(says("troupe_model_healthy{model=\"m\"} 0"));
  EXPECT_TRUE(says("troupe_model_stuck_workers{model=\"m\"} 0"));
}

TEST_F(metrics_test, keep_the_counts_of_a_model_that_is_replaced_or_gone) {
  shared.board->count_restart(*model);
  auto next = std::make_shared<model_state>("m", true, 1, gate);
  next->counts_in(shared.board->series("m"));
  shared.board->replace(model, next);
  shared.board->count_restart(*next);
  EXPECT_TRUE(says("troupe_worker_restarts_total{model=\"m\"} 2"));
  shared.board->remove(next);
  EXPECT_TRUE(says("troupe_worker_restarts_total{model=\"m\"} 2"));
  EXPECT_FALSE(says("troupe_model_ready{model=\"m\"} 0"));
}

TEST_F(metrics_test, show_what_was_counted_of_a_model) {
  using namespace std::chrono_literals;
  auto& series = shared.board->series("m");
  series.ended({.status = 200, .total = 2ms, .predict = 1ms});
  series.ended(
    {.status = 503, .total = 0ms, .refused = refusal_reason::queue_full});
  series.batch(3);
  EXPECT_TRUE(says("troupe_requests_total{model=\"m\",code=\"200\"} 1"));
  EXPECT_TRUE(says("troupe_requests_total{model=\"m\",code=\"504\"} 0"));
  EXPECT_TRUE(
    says("troupe_rejected_total{model=\"m\",reason=\"queue_full\"} 1"));
  EXPECT_TRUE(says("troupe_request_duration_seconds_bucket{model=\"m\","
                   "status=\"2xx\",le=\"0.001\"} 0"));
  EXPECT_TRUE(says("troupe_request_duration_seconds_bucket{model=\"m\","
                   "status=\"2xx\",le=\"0.0025\"} 1"));
  EXPECT_TRUE(says("troupe_predict_duration_seconds_sum{model=\"m\","
                   "status=\"2xx\"} 0.001"));
  EXPECT_TRUE(says("troupe_batch_size_bucket{model=\"m\",le=\"2.0\"} 0"));
  EXPECT_TRUE(says("troupe_batch_size_bucket{model=\"m\",le=\"+Inf\"} 1"));
}

TEST_F(metrics_test, count_workers_that_do_not_come_back) {
  shared.board->update(*model, model_phase::ready, 2);
  EXPECT_TRUE(says("troupe_model_healthy{model=\"m\"} 1"));
  shared.board->stuck(*model, 1);
  EXPECT_TRUE(says("troupe_model_stuck_workers{model=\"m\"} 1"));
  EXPECT_TRUE(says("troupe_model_healthy{model=\"m\"} 0"));
}

TEST_F(metrics_test, tell_of_handlers_as_what_they_are) {
  EXPECT_EQ(metrics_text(shared).find("troupe_spec"), std::string::npos);
  auto room = std::make_shared<admission>(4);
  auto handlers = std::make_shared<model_state>("openai", true, 2, room,
                                                served_kind::handlers);
  shared.board->add(handlers);
  shared.board->update(*handlers, model_phase::ready, 1);
  shared.board->count_restart(*handlers);
  admission_ticket ticket{room};
  EXPECT_TRUE(says("troupe_spec_pending_requests{spec=\"openai\"} 1"));
  EXPECT_TRUE(says("troupe_spec_handlers{spec=\"openai\"} 2"));
  EXPECT_TRUE(says("troupe_spec_handlers_ready{spec=\"openai\"} 1"));
  EXPECT_TRUE(says("troupe_spec_handler_restarts_total{spec=\"openai\"} 1"));
  EXPECT_EQ(metrics_text(shared).find("model=\"openai"), std::string::npos);
}

TEST_F(metrics_test, count_the_lines_that_the_log_dropped) {
  EXPECT_EQ(metrics_text(shared).find("log_lines"), std::string::npos);
  shared.dropped_log_lines = [] { return std::uint64_t{7}; };
  EXPECT_TRUE(says("# TYPE troupe_log_lines_dropped_total counter"));
  EXPECT_TRUE(says("troupe_log_lines_dropped_total 7"));
}

TEST_F(metrics_test, show_what_hooks_logged) {
  auto values = std::make_shared<logged_value_stats>();
  values->process("m", "a \"b\"\\\n", 0.1);
  values->process("m", "a \"b\"\\\n", 2);
  shared.values = values;
  std::string labels = R"({model="m",key="a \"b\"\\\n"})";
  EXPECT_TRUE(says("troupe_logged_value" + labels + " 2.0"));
  EXPECT_TRUE(says("troupe_logged_value_added" + labels + " 2.1"));
  EXPECT_TRUE(says("troupe_logged_values_total" + labels + " 2"));
}

} // namespace

} // namespace troupe
