#include "troupe/http/observe_options.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace troupe {

namespace {

using variables = std::map<std::string, std::string>;

std::string applied(telemetry_options& options, const variables& xs,
                    bool sampled = false) {
  return apply_otel_environment(options, sampled, [&](const char* name) {
    auto i = xs.find(name);
    return i == xs.end() ? nullptr : i->second.c_str();
  });
}

TEST(observe_options_test, a_base_url_gets_the_path_of_traces) {
  telemetry_options x;
  EXPECT_FALSE(x.enabled());
  x.otlp_endpoint = "http://c:4318/";
  EXPECT_EQ(x.target(), "http://c:4318/v1/traces");
  x.traces_endpoint = "http://c:4318/here";
  EXPECT_EQ(x.target(), "http://c:4318/here");
}

TEST(observe_options_test, what_cannot_be_is_refused_with_its_name) {
  telemetry_options x;
  x.sample = 1.5;
  EXPECT_TRUE(x.validate().starts_with("telemetry.sample: "));
  x.sample = 1;
  x.otlp_endpoint = "c:4318";
  EXPECT_TRUE(x.validate().starts_with("telemetry.otlp_endpoint: "));
  x.otlp_endpoint = "https://c";
  EXPECT_EQ(x.validate(), "");
  x.headers = {{"a b", "c"}};
  EXPECT_TRUE(x.validate().starts_with("telemetry.headers: "));
}

TEST(observe_options_test, the_environment_says_what_the_config_does_not) {
  telemetry_options x;
  EXPECT_EQ(applied(x, {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
                        {"OTEL_EXPORTER_OTLP_HEADERS", "a=1, b=x%20y"},
                        {"OTEL_RESOURCE_ATTRIBUTES",
                         "service.name=n,deployment.environment=test"},
                        {"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"},
                        {"OTEL_TRACES_SAMPLER_ARG", "0.25"},
                        {"OTEL_EXPORTER_OTLP_TIMEOUT", "1500"}}),
            "");
  EXPECT_EQ(x.target(), "http://c:4318/v1/traces");
  EXPECT_EQ(x.headers.at(1).second, "x y");
  EXPECT_EQ(x.service_name, "n");
  EXPECT_EQ(x.attributes.size(), 1U);
  EXPECT_EQ(x.sample, 0.25);
  EXPECT_EQ(x.sampler, sampling::parent_or_ratio);
  EXPECT_EQ(x.timeout.count(), 1500);
}

TEST(observe_options_test, the_config_goes_before_the_environment) {
  telemetry_options x;
  x.otlp_endpoint = "http://mine";
  x.sample = 0.5;
  EXPECT_EQ(applied(x,
                    {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://other"},
                     {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://other/x"},
                     {"OTEL_TRACES_SAMPLER", "always_off"},
                     {"OTEL_SERVICE_NAME", "named"}},
                    true),
            "");
  EXPECT_EQ(x.target(), "http://mine/v1/traces");
  EXPECT_EQ(x.sample, 0.5);
  EXPECT_EQ(x.service_name, "named");
}

TEST(observe_options_test, it_can_be_switched_off) {
  for (const auto& off : {variables{{"OTEL_SDK_DISABLED", "TRUE"}},
                          variables{{"OTEL_TRACES_EXPORTER", "none"}}}) {
    telemetry_options x;
    x.otlp_endpoint = "http://c";
    EXPECT_EQ(applied(x, off), "");
    EXPECT_FALSE(x.enabled());
  }
}

TEST(observe_options_test, what_cannot_be_honoured_is_refused) {
  for (const auto& [name, value] :
       variables{{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                 {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"},
                 {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                 {"OTEL_TRACES_EXPORTER", "zipkin"},
                 {"OTEL_TRACES_SAMPLER", "xray"},
                 {"OTEL_EXPORTER_OTLP_TIMEOUT", "0"},
                 {"OTEL_BSP_MAX_QUEUE_SIZE", "-1"},
                 {"OTEL_RESOURCE_ATTRIBUTES", "a=%zz"},
                 {"OTEL_EXPORTER_OTLP_CLIENT_KEY", "file"}}) {
    telemetry_options x;
    x.otlp_endpoint = "http://c";
    EXPECT_TRUE(applied(x, {{name, value}}).starts_with(name)) << name;
  }
}

TEST(observe_options_test,
     variables_of_others_are_nothing_without_a_collector) {
  telemetry_options x;
  EXPECT_EQ(applied(x, {{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                        {"OTEL_TRACES_SAMPLER", "xray"}}),
            "");
  EXPECT_FALSE(x.enabled());
}

} // namespace

} // namespace troupe
