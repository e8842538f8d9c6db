#pragma once

#include "troupe/specs/text/log.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// One line for each request, see docs/observability.md.
struct access_log_options {
  bool enabled = false;
  /// Where the lines are appended; "" is standard output.
  std::string file = {};
};

/// What a server writes down.
struct log_options {
  /// Messages below this level are left out.
  log_level level = log_level::info;
  /// The format of standard error and of the access log. A program's own
  /// `log_sink` gets level and text.
  log_format format = log_format::text;
  access_log_options access = {};
};

/// What decides whether the spans of a request are recorded.
enum class sampling : std::uint8_t {
  /// As the caller's `traceparent` says, else by the ratio.
  parent_or_ratio,
  /// By the ratio, whatever the caller says.
  ratio,
};

/// Where the spans of requests go; see docs/observability.md.
struct telemetry_options {
  /// The collector's base URL, `http://HOST:PORT` or `https://...`, which
  /// `/v1/traces` is appended to. "" records nothing.
  std::string otlp_endpoint = {};
  /// The same as a whole URL, to which nothing is appended; takes precedence.
  std::string traces_endpoint = {};
  /// Header fields of its requests, such as keys.
  std::vector<std::pair<std::string, std::string>> headers = {};
  /// The part of the requests that are recorded, from 0 to 1.
  double sample = 1;
  sampling sampler = sampling::parent_or_ratio;
  std::string service_name = "troupe";
  /// Further attributes of the resource.
  std::vector<std::pair<std::string, std::string>> attributes = {};
  /// A file of certificates that the collector's is checked against; "" takes
  /// the system's.
  std::string ca_file = {};
  /// For one attempt to send.
  std::chrono::milliseconds timeout{10'000};
  /// How long spans are collected before they are sent.
  std::chrono::milliseconds delay{5'000};
  /// How many spans wait at most; more are dropped and counted.
  std::size_t max_queue = 2048;
  std::size_t max_batch = 512;

  [[nodiscard]] bool enabled() const noexcept {
    return !otlp_endpoint.empty() || !traces_endpoint.empty();
  }

  /// The URL that spans are sent to.
  [[nodiscard]] std::string target() const;

  /// @returns what is wrong, or "".
  [[nodiscard]] std::string validate() const;
};

/// Takes what the variables of OpenTelemetry say (`OTEL_EXPORTER_OTLP_ENDPOINT`
/// and its like) for what `options` leaves as it is by default.
/// @param variable returns the value of a variable, or null
/// @param sampled whether `options.sample` was chosen
/// @returns what is wrong, or ""
std::string
apply_otel_environment(telemetry_options& options, bool sampled,
                       const std::function<const char*(const char*)>& variable);

} // namespace troupe
