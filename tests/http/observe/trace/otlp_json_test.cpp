#include "troupe/http/observe/trace/otlp_json.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>

namespace troupe {

namespace {

using namespace std::chrono_literals;

TEST(otlp_json_test, spans_are_rendered_as_the_protocol_has_them) {
  std::array<span, 1> spans;
  auto& x = spans[0];
  x.place = *parse_traceparent(
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  x.place.state = "a=1";
  x.parent[7] = 1;
  x.name = "POST /predict";
  x.kind = span_kind::server;
  const clock_offset offset{std::chrono::system_clock::time_point{} + 1000s,
                            deadline_clock::time_point{} + 10s};
  x.begin = offset.steady - 2ms;
  x.end = offset.steady;
  x.failed = true;
  x.attributes = {{"text", std::string{"a\xFF"}}, {"number", std::int64_t{5}}};
  telemetry_options options;
  options.attributes = {{"team", "a"}};
  const auto found =
    nlohmann::json::parse(to_otlp_json(spans, options, "1.0", offset));
  const auto& group = found["resourceSpans"][0];
  EXPECT_EQ(group["resource"]["attributes"][0]["value"]["stringValue"],
            "troupe");
  const auto& y = group["scopeSpans"][0]["spans"][0];
  EXPECT_EQ(y["traceId"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(y["spanId"], "b7ad6b7169203331");
  EXPECT_EQ(y["parentSpanId"], "0000000000000001");
  EXPECT_EQ(y["startTimeUnixNano"], "999998000000");
  EXPECT_EQ(y["endTimeUnixNano"], "1000000000000");
  EXPECT_EQ(y["kind"], 2);
  EXPECT_EQ(y["status"]["code"], 2);
  EXPECT_EQ(y["traceState"], "a=1");
  EXPECT_EQ(y["attributes"][1]["value"]["intValue"], "5");
}

} // namespace

} // namespace troupe
