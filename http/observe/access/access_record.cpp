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

// -- what a line says ---------------------------------------------------------

/// A key in each of the forms in which it is written.
struct field_key {
  std::string_view name;
  /// As `,"status":`.
  std::string_view json;
  /// As ` status=`.
  std::string_view plain;
};

#define TROUPE_ACCESS_KEY(name)                                                \
  field_key {                                                                  \
#name, ",\"" #name "\":", " " #name "="                                    \
  }

/// Writes all fields but time and level into a line: a `usual_line` or an
/// `any_line`.
template <class Line>
void put_fields(Line& line, const access_record& x) {
  line.word(TROUPE_ACCESS_KEY(method), x.method);
  if (!x.route.empty())
    line.text(TROUPE_ACCESS_KEY(route), x.route, longest_route);
  line.number(TROUPE_ACCESS_KEY(status), static_cast<std::uint64_t>(x.status));
  line.word(TROUPE_ACCESS_KEY(outcome), to_string(x.outcome));
  if (!x.reason.empty())
    line.word(TROUPE_ACCESS_KEY(reason), x.reason);
  line.time_span(TROUPE_ACCESS_KEY(total_ms), x.total);
  if (x.queue)
    line.time_span(TROUPE_ACCESS_KEY(queue_ms), *x.queue);
  if (x.run)
    line.time_span(TROUPE_ACCESS_KEY(run_ms), *x.run);
  line.number(TROUPE_ACCESS_KEY(bytes_in), x.bytes_in);
  line.number(TROUPE_ACCESS_KEY(bytes_out), x.bytes_out);
  if (!x.model.empty())
    line.word(TROUPE_ACCESS_KEY(model), x.model);
  if (x.worker)
    line.number(TROUPE_ACCESS_KEY(worker), *x.worker);
  line.text(TROUPE_ACCESS_KEY(client), x.client, longest_word);
  line.text(TROUPE_ACCESS_KEY(request_id), x.request_id, longest_word);
  if (x.trace != trace_context::trace_bytes{})
    line.hex(TROUPE_ACCESS_KEY(trace_id), x.trace);
  line.text(TROUPE_ACCESS_KEY(path), x.path, longest_path);
}

#undef TROUPE_ACCESS_KEY

// -- the usual line -----------------------------------------------------------

/// Has a high bit where a byte of `x` is zero, and perhaps in bytes above one.
constexpr std::uint64_t zero_bytes(std::uint64_t x) noexcept {
  constexpr std::uint64_t ones = ~std::uint64_t{0} / 0xFF;
  return (x - ones) & ~x & (ones * 0x80);
}

/// Whether all of eight characters stand as they are in every format, without
/// quotes. It may say no for characters that could stand as they are: such a
/// line only costs more.
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
  // Fills the bytes after the end with usual characters.
  std::uint64_t rest = ~std::uint64_t{0} / 0xFF * 'a';
  std::memcpy(&rest, begin, static_cast<std::size_t>(end - begin));
  return is_usual(rest);
}

bool is_usual(std::string_view text, std::size_t longest) noexcept {
  return text.empty()
         || (text.size() <= longest
             && is_usual(text.data(), text.data() + text.size()));
}

bool is_usual(const access_record& x) noexcept {
  return !x.path.empty() && !x.client.empty() && !x.request_id.empty()
         && is_usual(x.path, longest_path) && is_usual(x.client, longest_word)
         && is_usual(x.request_id, longest_word)
         && (x.route == x.path || is_usual(x.route, longest_route));
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

  void text(const field_key& name, std::string_view value,
            std::size_t /*longest*/) noexcept {
    word(name, value);
  }

  void word(const field_key& name, std::string_view value) noexcept {
    key(name);
    quote();
    put(value);
    quote();
  }

  void number(const field_key& name, std::uint64_t value) noexcept {
    key(name);
    digits(value);
  }

  void time_span(const field_key& name,
                 std::chrono::nanoseconds value) noexcept {
    constexpr std::uint64_t thousand = 1000;
    const auto us =
      static_cast<std::uint64_t>(std::max<std::int64_t>(value.count(), 0))
      / thousand;
    key(name);
    digits(us / thousand);
    const auto rest = us % thousand;
    *at_++ = '.';
    *at_++ = static_cast<char>('0' + rest / 100);
    *at_++ = static_cast<char>('0' + rest / 10 % 10);
    *at_++ = static_cast<char>('0' + rest % 10);
  }

  void hex(const field_key& name,
           const trace_context::trace_bytes& bytes) noexcept {
    key(name);
    quote();
    for (auto x : bytes) {
      std::memcpy(at_, hex_pairs[x].data(), 2);
      at_ += 2;
    }
    quote();
  }

  [[nodiscard]] char* end() const noexcept {
    return at_;
  }

private:
  void key(const field_key& x) noexcept {
    put(Json ? x.json : x.plain);
  }

  void quote() noexcept {
    if constexpr (Json)
      *at_++ = '"';
  }

  void digits(std::uint64_t value) noexcept {
    constexpr std::ptrdiff_t room = 24;
    at_ = std::to_chars(at_, at_ + room, value).ptr;
  }

  char* at_;
};

/// @param begin what stands before the stamp, and `after_stamp` after it
/// @returns its end
template <bool Json>
char* write_usual(char* to, const access_record& x, std::string_view begin,
                  std::string_view stamp, std::string_view after_stamp) {
  usual_line<Json> line{to};
  line.put(begin);
  line.put(stamp);
  line.put(after_stamp);
  put_fields(line, x);
  line.put(Json ? "}\n" : "\n");
  return line.end();
}

// -- any line -----------------------------------------------------------------

class any_line {
public:
  explicit any_line(line_writer& to) noexcept : to_(&to) {
    // nop
  }

  void text(const field_key& name, std::string_view value,
            std::size_t longest) {
    to_->text(name.name, value, longest);
  }

  void word(const field_key& name, std::string_view value) {
    to_->word(name.name, value);
  }

  void number(const field_key& name, std::uint64_t value) {
    to_->number(name.name, static_cast<std::int64_t>(value));
  }

  void time_span(const field_key& name, std::chrono::nanoseconds value) {
    to_->time_span(name.name, value);
  }

  void hex(const field_key& name, const trace_context::trace_bytes& bytes) {
    std::string digits;
    append_hex(digits, bytes);
    to_->word(name.name, digits);
  }

private:
  line_writer* to_;
};

char* write_any(char* to, const access_record& x, std::string_view stamp,
                log_format format) {
  std::string out;
  line_writer line{out, format};
  line.time(stamp);
  line.level("access");
  any_line fields{line};
  put_fields(fields, x);
  line.end();
  // All values are cut, so it is shorter, whatever they hold.
  const auto n = std::min(out.size(), longest_access_line);
  return to + out.copy(to, n);
}

} // namespace

std::string_view to_string(request_outcome x) noexcept {
  constexpr std::array<std::string_view, 5> names{
    "served", "refused", "cancelled", "expired", "failed"};
  return names[static_cast<std::size_t>(x)];
}

std::size_t write_line(char* to, const access_record& x, std::string_view stamp,
                       log_format format) {
  const auto* end = to;
  if (!is_usual(x))
    end = write_any(to, x, stamp, format);
  else if (format == log_format::json)
    end = write_usual<true>(to, x, "{\"time\":\"", stamp,
                            "\",\"level\":\"access\"");
  else if (format == log_format::logfmt)
    end = write_usual<false>(to, x, "time=", stamp, " level=access");
  else
    end = write_usual<false>(to, x, "", stamp, " access");
  return static_cast<std::size_t>(end - to);
}

} // namespace troupe
