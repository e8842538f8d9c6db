#include "troupe/http/observe/trace/otlp_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace troupe {

namespace {

using nlohmann::json;

bool is_plain_json(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
  });
}

/// Writes the document piece by piece: spans are many, and their keys are ours.
class otlp_writer {
public:
  otlp_writer(std::string& out, const clock_offset& offset)
    : out_(&out), offset_(&offset) {
    // nop
  }

  void put(std::string_view text) {
    out_->append(text);
  }

  void text(std::string_view value) {
    if (!is_plain_json(value)) {
      // Paths of clients need not be UTF-8.
      put(json(value).dump(-1, ' ', false, json::error_handler_t::replace));
      return;
    }
    *out_ += '"';
    put(value);
    *out_ += '"';
  }

  void number(std::int64_t value) {
    std::array<char, 24> digits;
    auto* end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out_->append(digits.data(), end);
  }

  /// 64-bit numbers are strings in the JSON form of protocol buffers.
  void quoted_number(std::int64_t value) {
    *out_ += '"';
    number(value);
    *out_ += '"';
  }

  template <class Bytes>
  void hex(const Bytes& x) {
    *out_ += '"';
    append_hex(*out_, x);
    *out_ += '"';
  }

  void time(deadline_clock::time_point at) {
    using namespace std::chrono;
    const auto wall =
      duration_cast<nanoseconds>(offset_->wall.time_since_epoch());
    quoted_number((wall + (at - offset_->steady)).count());
  }

  void attribute(std::string_view key, const span::attribute& value) {
    put(R"({"key":)");
    text(key);
    if (const auto* words = std::get_if<std::string>(&value)) {
      put(R"(,"value":{"stringValue":)");
      text(*words);
    } else {
      put(R"(,"value":{"intValue":)");
      quoted_number(std::get<1>(value));
    }
    put("}}");
  }

  void write(const span& x) {
    put(R"({"traceId":)");
    hex(x.place.trace_id);
    put(R"(,"spanId":)");
    hex(x.place.span_id);
    if (x.parent != trace_context::span_bytes{}) {
      put(R"(,"parentSpanId":)");
      hex(x.parent);
    }
    if (!x.place.state.empty()) {
      put(R"(,"traceState":)");
      text(x.place.state);
    }
    put(R"(,"name":)");
    text(x.name);
    put(R"(,"kind":)");
    number(static_cast<std::int64_t>(x.kind));
    put(R"(,"flags":)");
    number(x.place.flags);
    put(R"(,"startTimeUnixNano":)");
    time(x.begin);
    put(R"(,"endTimeUnixNano":)");
    time(x.end);
    if (!x.attributes.empty()) {
      put(R"(,"attributes":[)");
      for (std::size_t i = 0; i < x.attributes.size(); ++i) {
        put(i > 0 ? "," : "");
        attribute(x.attributes[i].first, x.attributes[i].second);
      }
      put("]");
    }
    put(x.failed ? R"(,"status":{"code":2}})" : "}");
  }

private:
  std::string* out_;
  const clock_offset* offset_;
};

} // namespace

std::string to_otlp_json(std::span<const span> spans,
                         const telemetry_options& options,
                         const std::string& version,
                         const clock_offset& offset) {
  std::string result;
  constexpr std::size_t usual_size = 512;
  result.reserve((spans.size() + 1) * usual_size);
  otlp_writer out{result, offset};
  out.put(R"({"resourceSpans":[{"resource":{"attributes":[)");
  out.attribute("service.name", options.service_name);
  const std::array<std::pair<const char*, std::string>, 3> own{
    {{"telemetry.sdk.name", "troupe"},
     {"telemetry.sdk.language", "cpp"},
     {"telemetry.sdk.version", version}}};
  for (const auto& [key, value] : own) {
    out.put(",");
    out.attribute(key, value);
  }
  for (const auto& [key, value] : options.attributes) {
    out.put(",");
    out.attribute(key, value);
  }
  out.put(R"(]},"scopeSpans":[{"scope":{"name":"troupe","version":)");
  out.text(version);
  out.put(R"(},"spans":[)");
  for (std::size_t i = 0; i < spans.size(); ++i) {
    out.put(i > 0 ? "," : "");
    out.write(spans[i]);
  }
  out.put("]}]}]}");
  return result;
}

} // namespace troupe
