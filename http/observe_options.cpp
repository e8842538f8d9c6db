#include "troupe/http/observe_options.hpp"

#include "troupe/http/collector_url.hpp"
#include "troupe/specs/text/text.hpp"
#include "troupe/specs/values/headers.hpp"
#include "troupe/specs/values/path.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace troupe {

namespace {

constexpr std::string_view traces_path = "/v1/traces";

/// Values of W3C Baggage are percent-encoded. @returns nothing for a broken one
std::optional<std::string> decoded(std::string_view text) {
  for (auto at = text.find('%'); at != text.npos; at = text.find('%', at + 3))
    if (text.size() - at < 3 || hex_value(text[at + 1]) < 0
        || hex_value(text[at + 2]) < 0)
      return std::nullopt;
  return percent_decode(text);
}

using text_pairs = std::vector<std::pair<std::string, std::string>>;

/// Reads `a=1,b=2`. @returns nothing for a broken one
std::optional<text_pairs> pairs_from(std::string_view text) {
  text_pairs result;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto member = trimmed(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (member.empty())
      continue;
    const auto equals = member.find('=');
    if (equals == member.npos)
      return std::nullopt;
    auto key = trimmed(member.substr(0, equals));
    auto value = decoded(trimmed(member.substr(equals + 1)));
    if (key.empty() || !value)
      return std::nullopt;
    result.emplace_back(key, std::move(*value));
  }
  return result;
}

/// Reads what one set of variables says.
class otel_reader {
public:
  using getter = std::function<const char*(const char*)>;

  otel_reader(telemetry_options& out, const getter& variable)
    : out_(&out), variable_(&variable) {
    // nop
  }

  std::string run(bool sampled) {
    if (auto x = get("OTEL_SDK_DISABLED"); iequals(x, "true"))
      return off();
    auto said = text("OTEL_TRACES_EXPORTER");
    if (said == "none")
      return off();
    if (!out_->enabled()) {
      out_->otlp_endpoint = text("OTEL_EXPORTER_OTLP_ENDPOINT");
      out_->traces_endpoint = text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    }
    // Without a collector, variables that are meant for other programs do not
    // matter.
    if (!out_->enabled())
      return {};
    if (!said.empty() && said != "otlp")
      fault("OTEL_TRACES_EXPORTER", "expected otlp or none, got " + said
                                      + "; spans go to a collector only");
    refuse_others();
    read_resource();
    read_transport();
    if (!sampled)
      read_sampler();
    return fault_;
  }

private:
  [[nodiscard]] std::string_view get(const char* name) const {
    const auto* value = (*variable_)(name);
    return value == nullptr ? std::string_view{} : trimmed(value);
  }

  [[nodiscard]] std::string text(const char* name) const {
    return std::string{get(name)};
  }

  /// Of a signal's own variable, or of the general one.
  [[nodiscard]] std::pair<const char*, std::string>
  either(const char* own, const char* general) const {
    if (auto x = text(own); !x.empty())
      return {own, std::move(x)};
    return {general, text(general)};
  }

  std::string off() {
    out_->otlp_endpoint.clear();
    out_->traces_endpoint.clear();
    return {};
  }

  void fault(const char* name, const std::string& what) {
    if (fault_.empty())
      fault_ = std::string{name}.append(": ").append(what);
  }

  void refuse_others() {
    auto [name, protocol] = either("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
                                   "OTEL_EXPORTER_OTLP_PROTOCOL");
    if (!protocol.empty() && protocol != "http/json")
      fault(name, "expected http/json, got " + protocol
                    + "; set it to http/json, which collectors take at the "
                      "port of HTTP (4318), or unset it");
    auto [how, coding] = either("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
                                "OTEL_EXPORTER_OTLP_COMPRESSION");
    if (!coding.empty() && coding != "none")
      fault(how, "expected none, got " + coding + "; unset it");
    for (const auto* key : {"OTEL_EXPORTER_OTLP_CLIENT_KEY",
                            "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
                            "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
                            "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE"})
      if (!get(key).empty())
        fault(key, "certificates of clients are not supported; unset it, and "
                   "name yourself by OTEL_EXPORTER_OTLP_HEADERS");
  }

  void read_resource() {
    if (auto x = text("OTEL_RESOURCE_ATTRIBUTES"); !x.empty()) {
      auto pairs = pairs_from(x);
      if (!pairs) {
        fault("OTEL_RESOURCE_ATTRIBUTES", "expected key=value, separated by "
                                          "commas, values percent-encoded");
        return;
      }
      for (auto& [key, value] : *pairs)
        if (key == "service.name")
          out_->service_name = std::move(value);
        else
          out_->attributes.emplace_back(std::move(key), std::move(value));
    }
    if (auto x = text("OTEL_SERVICE_NAME"); !x.empty())
      out_->service_name = std::move(x);
  }

  void read_transport() {
    if (auto [name, x] = either("OTEL_EXPORTER_OTLP_TRACES_HEADERS",
                                "OTEL_EXPORTER_OTLP_HEADERS");
        !x.empty()) {
      auto pairs = pairs_from(x);
      if (pairs)
        out_->headers = std::move(*pairs);
      else
        fault(name, "expected key=value, separated by commas, values "
                    "percent-encoded");
    }
    if (auto file = either("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
                           "OTEL_EXPORTER_OTLP_CERTIFICATE")
                      .second;
        !file.empty())
      out_->ca_file = std::move(file);
    auto [name, timeout] =
      either("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT");
    if (auto n = number(name, timeout, 1))
      out_->timeout = std::chrono::milliseconds{*n};
    const auto* delay = "OTEL_BSP_SCHEDULE_DELAY";
    if (auto n = number(delay, text(delay), 1))
      out_->delay = std::chrono::milliseconds{*n};
    const auto* most = "OTEL_BSP_MAX_QUEUE_SIZE";
    if (auto n = number(most, text(most), 1))
      out_->max_queue = *n;
    const auto* batch = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE";
    if (auto n = number(batch, text(batch), 1))
      out_->max_batch = *n;
  }

  std::optional<std::uint32_t> number(const char* name, const std::string& x,
                                      std::uint32_t least) {
    constexpr std::uint32_t most = 3'600'000;
    if (x.empty())
      return std::nullopt;
    std::uint32_t result = 0;
    auto [at, ec] = std::from_chars(x.data(), x.data() + x.size(), result);
    if (ec == std::errc{} && at == x.data() + x.size() && result >= least
        && result <= most)
      return result;
    fault(name, "expected an integer from " + std::to_string(least) + " to "
                  + std::to_string(most) + ", got " + x);
    return std::nullopt;
  }

  void read_sampler() {
    const auto name = text("OTEL_TRACES_SAMPLER");
    if (name.empty())
      return;
    const auto by_parent = name.starts_with("parentbased_");
    const auto base =
      by_parent ? name.substr(std::string_view{"parentbased_"}.size()) : name;
    out_->sampler = by_parent ? sampling::parent_or_ratio : sampling::ratio;
    if (base == "always_on")
      out_->sample = 1;
    else if (base == "always_off")
      out_->sample = 0;
    else if (base == "traceidratio")
      read_ratio();
    else
      fault("OTEL_TRACES_SAMPLER",
            "expected always_on, always_off, traceidratio, or one of them "
            "after parentbased_, got "
              + name);
  }

  void read_ratio() {
    const auto* name = "OTEL_TRACES_SAMPLER_ARG";
    const auto x = text(name);
    out_->sample = 1;
    if (x.empty())
      return;
    auto [at, ec] =
      std::from_chars(x.data(), x.data() + x.size(), out_->sample);
    if (ec != std::errc{} || at != x.data() + x.size()
        || !(out_->sample >= 0 && out_->sample <= 1))
      fault(name, "expected a number from 0 to 1, got " + x);
  }

  telemetry_options* out_;
  const getter* variable_;
  std::string fault_;
};

} // namespace

std::string telemetry_options::target() const {
  if (!traces_endpoint.empty())
    return traces_endpoint;
  auto result = otlp_endpoint;
  while (result.ends_with('/'))
    result.pop_back();
  return result.append(traces_path);
}

std::string telemetry_options::validate() const {
  if (!(sample >= 0 && sample <= 1))
    return "telemetry.sample: expected a number from 0 to 1";
  if (!enabled())
    return {};
  auto url = parse_collector_url(target());
  if (const auto* what = std::get_if<std::string>(&url))
    return "telemetry.otlp_endpoint: " + *what + ", got "
           + (traces_endpoint.empty() ? otlp_endpoint : traces_endpoint);
  for (const auto& [name, value] : headers)
    if (!is_token(name) || !is_field_value(value))
      return "telemetry.headers: a header field that HTTP cannot carry";
  return {};
}

std::string apply_otel_environment(
  telemetry_options& options, bool sampled,
  const std::function<const char*(const char*)>& variable) {
  return otel_reader{options, variable}.run(sampled);
}

} // namespace troupe
