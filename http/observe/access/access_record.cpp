#include "troupe/http/observe/access/access_record.hpp"

#include "troupe/specs/text/hex_pairs.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>

namespace troupe {

namespace {

constexpr std::size_t longest_route = 200;
constexpr std::size_t longest_path = 300;
constexpr std::size_t longest_word = 128;

// -- the usual line -----------------------------------------------------------

/// Has a high bit where a byte of `x` is zero, and perhaps in bytes above one.
constexpr std::uint64_t zero_bytes(std::uint64_t x) noexcept {
  constexpr std::uint64_t ones = ~std::uint64_t{0} / 0xFF;
  return (x - ones) & ~x & (ones * 0x80);
}

/// Whether all of eight characters stand as they are in every format, without
/// quotes. It may say no where it is yes: such a line only costs more.
constexpr bool is_usual(std::uint64_t x) noexcept {
  constexpr std::uint64_t ones = ~std::uint64_t{0} / 0xFF;
  constexpr std::uint64_t high = ones * 0x80;
  // Below 0x21; 0x7F and above.
  const auto odd =
    ((x - ones * 0x21) & ~x & high) | ((x + ones) & high) | (x & high);
  return (odd | zero_bytes(x ^ (ones * '"')) | zero_bytes(x ^ (ones * '\\'))
          | zero_bytes(x ^ (ones * '=')))
         == 0;
}

bool is_usual(const char* begin, const char* end) noexcept {
  constexpr std::ptrdiff_t word = sizeof(std::uint64_t);
  for (; end - begin >= word; begin += word) {
    std::uint64_t x = 0;
    std::memcpy(&x, begin, sizeof(x));
    if (!is_usual(x))
      return false;
  }
  // Usual characters where there are none.
  std::uint64_t rest = ~std::uint64_t{0} / 0xFF * 'a';
  std::memcpy(&rest, begin, static_cast<std::size_t>(end - begin));
  return is_usual(rest);
}

bool is_usual(const access_record& x) noexcept {
  const std::array<std::string_view, 6> texts{x.request_id, x.method, x.route,
                                              x.path,       x.model,  x.client};
  if (x.route.size() > longest_route || x.path.size() > longest_path
      || x.client.size() > longest_word || x.request_id.size() > longest_word
      || x.model.size() > longest_word || x.method.size() > longest_word
      || x.path.empty() || x.client.empty() || x.request_id.empty()
      || x.method.empty())
    return false;
  const auto* begin = texts.front().data();
  const auto* end = begin;
  for (auto text : texts) {
    // As a rule one stands right behind the other (`record_ring`).
    if (!text.empty() && text.data() != end) {
      if (!is_usual(begin, end))
        return false;
      begin = text.data();
      end = begin;
    }
    end += text.size();
  }
  return is_usual(begin, end);
}

/// Writes the usual line as `line_writer` would: there is one for each request.
template <bool Json>
class usual_line {
public:
  explicit usual_line(char* at) noexcept : at_(at) {
    // nop
  }

  void put(std::string_view text) noexcept {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }

  /// @param json the key with what is around it, as `,"status":`
  /// @param plain the same for the others, as ` status=`
  void key(std::string_view json, std::string_view plain) noexcept {
    put(Json ? json : plain);
  }

  void text(std::string_view value) noexcept {
    if constexpr (Json)
      *at_++ = '"';
    put(value);
    if constexpr (Json)
      *at_++ = '"';
  }

  void number(std::uint64_t value) noexcept {
    constexpr std::ptrdiff_t room = 24;
    at_ = std::to_chars(at_, at_ + room, value).ptr;
  }

  void time_span(std::chrono::nanoseconds value) noexcept {
    constexpr std::uint64_t thousand = 1000;
    const auto us =
      static_cast<std::uint64_t>(std::max<std::int64_t>(value.count(), 0))
      / thousand;
    number(us / thousand);
    const auto rest = us % thousand;
    *at_++ = '.';
    *at_++ = static_cast<char>('0' + rest / 100);
    *at_++ = static_cast<char>('0' + rest / 10 % 10);
    *at_++ = static_cast<char>('0' + rest % 10);
  }

  void hex(const trace_context::trace_bytes& bytes) noexcept {
    if constexpr (Json)
      *at_++ = '"';
    for (auto x : bytes) {
      std::memcpy(at_, hex_pairs[x].data(), 2);
      at_ += 2;
    }
    if constexpr (Json)
      *at_++ = '"';
  }

  [[nodiscard]] char* end() const noexcept {
    return at_;
  }

private:
  char* at_;
};

/// @param begin the line up to its first key
template <bool Json>
void append_usual(std::string& out, const access_record& x,
                  std::string_view begin, std::string_view stamp,
                  std::string_view after_stamp) {
  std::array<char, 2048> room;
  usual_line<Json> line{room.data()};
  line.put(begin);
  line.put(stamp);
  line.put(after_stamp);
  line.text(x.method);
  if (!x.route.empty()) {
    line.key(",\"route\":", " route=");
    line.text(x.route);
  }
  line.key(",\"status\":", " status=");
  line.number(static_cast<std::uint64_t>(x.status));
  line.key(",\"outcome\":", " outcome=");
  line.text(to_string(x.outcome));
  if (!x.reason.empty()) {
    line.key(",\"reason\":", " reason=");
    line.text(x.reason);
  }
  line.key(",\"total_ms\":", " total_ms=");
  line.time_span(x.total);
  if (x.queue) {
    line.key(",\"queue_ms\":", " queue_ms=");
    line.time_span(*x.queue);
  }
  if (x.run) {
    line.key(",\"run_ms\":", " run_ms=");
    line.time_span(*x.run);
  }
  line.key(",\"bytes_in\":", " bytes_in=");
  line.number(x.bytes_in);
  line.key(",\"bytes_out\":", " bytes_out=");
  line.number(x.bytes_out);
  if (!x.model.empty()) {
    line.key(",\"model\":", " model=");
    line.text(x.model);
  }
  if (x.worker) {
    line.key(",\"worker\":", " worker=");
    line.number(*x.worker);
  }
  line.key(",\"client\":", " client=");
  line.text(x.client);
  line.key(",\"request_id\":", " request_id=");
  line.text(x.request_id);
  if (x.trace != trace_context::trace_bytes{}) {
    line.key(",\"trace_id\":", " trace_id=");
    line.hex(x.trace);
  }
  line.key(",\"path\":", " path=");
  line.text(x.path);
  line.put(Json ? "}\n" : "\n");
  out.append(room.data(), line.end());
}

// -- any line -----------------------------------------------------------------

void append_any(std::string& out, const access_record& x,
                std::string_view stamp, log_format format) {
  line_writer line{out, format};
  line.time(stamp);
  line.level("access");
  line.text("method", x.method, longest_word);
  if (!x.route.empty())
    line.text("route", x.route, longest_route);
  line.number("status", x.status);
  line.word("outcome", to_string(x.outcome));
  if (!x.reason.empty())
    line.word("reason", x.reason);
  line.time_span("total_ms", x.total);
  if (x.queue)
    line.time_span("queue_ms", *x.queue);
  if (x.run)
    line.time_span("run_ms", *x.run);
  line.number("bytes_in", static_cast<std::int64_t>(x.bytes_in));
  line.number("bytes_out", static_cast<std::int64_t>(x.bytes_out));
  if (!x.model.empty())
    line.text("model", x.model, longest_word);
  if (x.worker)
    line.number("worker", *x.worker);
  line.text("client", x.client, longest_word);
  line.text("request_id", x.request_id, longest_word);
  if (x.trace != trace_context::trace_bytes{}) {
    std::string hex;
    append_hex(hex, x.trace);
    line.word("trace_id", hex);
  }
  line.text("path", x.path, longest_path);
  line.end();
}

} // namespace

std::string_view to_string(request_outcome x) noexcept {
  constexpr std::array<std::string_view, 5> names{
    "served", "refused", "cancelled", "expired", "failed"};
  return names[static_cast<std::size_t>(x)];
}

void append_line(std::string& out, const access_record& x,
                 std::string_view stamp, log_format format) {
  if (!is_usual(x)) {
    append_any(out, x, stamp, format);
    return;
  }
  switch (format) {
    case log_format::text:
      append_usual<false>(out, x, "", stamp, " access method=");
      return;
    case log_format::json:
      append_usual<true>(out, x, "{\"time\":\"", stamp,
                         "\",\"level\":\"access\",\"method\":");
      return;
    case log_format::logfmt:
      append_usual<false>(out, x, "time=", stamp, " level=access method=");
      return;
  }
}

} // namespace troupe
