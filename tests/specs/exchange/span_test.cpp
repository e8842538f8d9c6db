#include "troupe/specs/exchange/span.hpp"

#include <gtest/gtest.h>

#include <chrono>

using namespace std::chrono_literals;

namespace troupe {

namespace {

struct kept_spans : span_sink {
  void take(std::vector<span> spans) noexcept override {
    for (auto& x : spans)
      all.push_back(std::move(x));
  }

  std::vector<span> all;
};

const auto at_noon = deadline_clock::time_point{} + 12h;

TEST(span_test, a_part_of_the_work_is_recorded_below_its_request) {
  auto sink = std::make_shared<kept_spans>();
  request_trace trace{{new_trace_id(), new_span_id(), 1, {}}, sink};
  auto place = record_span(trace, "call ocr", at_noon, at_noon + 5ms,
                           {{"troupe.model", std::string{"ocr"}}}, true);
  ASSERT_EQ(sink->all.size(), 1U);
  const auto& x = sink->all.front();
  EXPECT_EQ(x.place, place);
  EXPECT_EQ(x.parent, trace.context.span_id);
  EXPECT_EQ(x.place.trace_id, trace.context.trace_id);
  EXPECT_EQ(x.name, "call ocr");
  EXPECT_EQ(x.end - x.begin, 5ms);
  EXPECT_TRUE(x.failed);
}

TEST(span_test, what_is_not_recorded_goes_nowhere) {
  request_trace trace{{new_trace_id(), new_span_id(), 0, {}}, nullptr};
  EXPECT_EQ(record_span(trace, "x", at_noon, at_noon), trace.context);
}

TEST(span_test, work_that_no_worker_took_has_waited_only) {
  const trace_context parent{new_trace_id(), new_span_id(), 1, {}};
  std::vector<span> spans;
  append_work(spans, parent, {at_noon, {}, {}, at_noon + 3ms});
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].name, "queue");
  EXPECT_EQ(spans[0].end, at_noon + 3ms);
  append_work(spans, parent,
              {at_noon, at_noon + 1ms, at_noon + 2ms, at_noon + 3ms});
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(spans[1].end, at_noon + 1ms);
  EXPECT_EQ(spans[2].name, "predict");
  EXPECT_EQ(spans[2].begin, at_noon + 1ms);
  EXPECT_EQ(spans[2].end, at_noon + 2ms);
}

} // namespace

} // namespace troupe
