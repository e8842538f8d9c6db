#include "troupe/http/observe/trace/tracer.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

struct no_spans : span_sink {
  void take(std::vector<span>) noexcept override {
    // nop
  }
};

const header_map asked{{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-"
                                       "b7ad6b7169203331-01"}};
const header_map not_asked{
  {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}};

tracer tracer_with(double sample, sampling how = sampling::parent_or_ratio) {
  telemetry_options options;
  options.sample = sample;
  options.sampler = how;
  return tracer{options, std::make_shared<no_spans>()};
}

TEST(tracer_test, the_caller_decides_where_it_has_a_trace) {
  const auto never = tracer_with(0);
  const auto x = never.start(asked);
  EXPECT_TRUE(x.trace.recorded());
  EXPECT_TRUE(x.trace.context.sampled());
  EXPECT_EQ(x.parent[0], 0xB7);
  EXPECT_NE(x.trace.context.span_id, x.parent);
  EXPECT_FALSE(tracer_with(1).start(not_asked).trace.recorded());
}

TEST(tracer_test, the_ratio_decides_where_nobody_has) {
  EXPECT_TRUE(tracer_with(1).start({}).trace.recorded());
  const auto x = tracer_with(0).start({});
  EXPECT_FALSE(x.trace.recorded());
  EXPECT_FALSE(x.trace.context.sampled());
  EXPECT_TRUE(x.trace.context);
  EXPECT_EQ(x.parent, trace_context::span_bytes{});
  const auto some = tracer_with(0.25);
  auto recorded = 0;
  for (int i = 0; i < 4000; ++i)
    recorded += some.start({}).trace.recorded() ? 1 : 0;
  EXPECT_GT(recorded, 800);
  EXPECT_LT(recorded, 1200);
}

TEST(tracer_test, a_ratio_alone_does_not_ask_the_caller) {
  EXPECT_FALSE(tracer_with(0, sampling::ratio).start(asked).trace.recorded());
  EXPECT_TRUE(
    tracer_with(1, sampling::ratio).start(not_asked).trace.recorded());
}

} // namespace

} // namespace troupe
