#include "troupe/cli/sections/observe_sections.hpp"

#include "troupe/cli/options/option_field.hpp"

namespace troupe {

namespace {

using namespace fields;

option access_option() {
  auto result = field(
    "access",
    [](auto& d) -> auto& { return d.server.options.log.access.enabled; },
    "One line for each request: true writes to standard output, a name to that "
    "file, which SIGUSR1 opens again. A relative name starts from the config's "
    "folder.");
  result.kind = option_kind::file_or_boolean;
  result.apply = [](config_draft& d, const nlohmann::json& j) {
    auto& out = d.server.options.log.access;
    out.enabled = j != false;
    out.file = j.is_string() ? j.get<std::string>() : std::string{};
  };
  return result;
}

} // namespace

option log_section() {
  return section(
    "log", "What the server writes down.",
    {
      choice<log_level>(
        "level", [](auto& d) -> auto& { return d.server.options.log.level; },
        {{"debug", log_level::debug},
         {"info", log_level::info},
         {"warning", log_level::warning},
         {"error", log_level::error}},
        "Messages below this are left out, also those of workers."),
      choice<log_format>(
        "format", [](auto& d) -> auto& { return d.server.options.log.format; },
        {{"text", log_format::text},
         {"json", log_format::json},
         {"logfmt", log_format::logfmt}},
        "How lines look, on standard error and in the access log: for people, "
        "an object of JSON each, or key=value."),
      access_option(),
    });
}

option telemetry_section() {
  return section(
    "telemetry",
    "Traces of requests, for a collector of OpenTelemetry. The variables "
    "OTEL_EXPORTER_OTLP_ENDPOINT and its like say what the config does not.",
    {
      text(
        "otlp_endpoint", [](auto& d) -> auto& {
          return d.server.options.telemetry.otlp_endpoint;
        },
        "The collector's base URL for OTLP over HTTP, e.g. "
        "http://127.0.0.1:4318; spans go to /v1/traces below it, as JSON."),
      bounded(
        "sample",
        [](auto& d) -> auto& { return d.server.options.telemetry.sample; }, 0,
        1,
        "The part of the requests whose spans are recorded, unless the "
        "caller's traceparent decides."),
    });
}

option server_timing_option() {
  return field(
    "server_timing",
    [](auto& d) -> auto& { return d.server.options.server_timing; },
    "Whether answers say how long they waited and ran, as Server-Timing.");
}

} // namespace troupe
