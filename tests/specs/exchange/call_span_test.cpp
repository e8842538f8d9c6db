#include "troupe/specs/exchange/call_span.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using namespace std::chrono_literals;

struct call_spans : span_sink {
  void take(std::vector<span> spans) noexcept override {
    for (auto& x : spans)
      all.push_back(std::move(x));
  }

  std::vector<span> all;
};

const trace_context caller{new_trace_id(), new_span_id(), 1, "a=1"};

TEST(call_span_test, a_call_is_a_part_of_its_requests_trace) {
  auto sink = std::make_shared<call_spans>();
  auto call = make_sink<recording_exchange>();
  continue_trace(*call, {caller, sink});
  EXPECT_EQ(call->trace.context.trace_id, caller.trace_id);
  EXPECT_NE(call->trace.context.span_id, caller.span_id);
  EXPECT_TRUE(call->facts.in_detail);
  const auto begin = deadline_clock::time_point{} + 1h;
  model_series series{"m"};
  call->facts.handed_to(series);
  call->facts.taken_by(2, begin + 1ms);
  call->time.begin(begin, {});
  call->start(begin + 1ms);
  call->facts.predicted(begin + 3ms);
  call->facts.finished(begin + 4ms, 200);
  record_call(*call, caller.span_id, "call", "first");
  ASSERT_EQ(sink->all.size(), 3U);
  const auto& own = sink->all[0];
  EXPECT_EQ(own.name, "call m");
  EXPECT_EQ(own.parent, caller.span_id);
  EXPECT_EQ(own.end - own.begin, 4ms);
  EXPECT_FALSE(own.failed);
  using attributes = decltype(span::attributes);
  EXPECT_EQ(own.attributes, (attributes{{"troupe.model", "m"},
                                        {"troupe.step", "first"},
                                        {"troupe.worker", std::int64_t{2}}}));
  EXPECT_EQ(sink->all[1].name, "queue");
  EXPECT_EQ(sink->all[1].parent, own.place.span_id);
  EXPECT_EQ(sink->all[2].end - sink->all[2].begin, 2ms);
  call->finish();
}

TEST(call_span_test, what_is_not_recorded_stays_at_its_callers_place) {
  auto call = make_sink<recording_exchange>();
  continue_trace(*call, {caller, nullptr});
  EXPECT_EQ(call->trace.context, caller);
  EXPECT_FALSE(call->facts.in_detail);
  record_call(*call, caller.span_id, "call");
  call->finish();
}

} // namespace

} // namespace troupe
