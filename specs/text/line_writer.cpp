#include "troupe/specs/text/line_writer.hpp"

#include "troupe/specs/text/log_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace troupe {

namespace {

void append_digits(std::string& out, std::int64_t value, int width) {
  std::array<char, 24> digits{};
  auto [end, ec] =
    std::to_chars(digits.data(), digits.data() + digits.size(), value);
  static_cast<void>(ec);
  for (auto n = end - digits.data(); n < width; ++n)
    out += '0';
  out.append(digits.data(), end);
}

/// Whether JSON needs no escape for it.
bool is_bare(char c) noexcept {
  return c >= 0x20 && c != '"' && c != '\\' && c != 0x7F;
}

/// Whether logfmt needs no quotes for it.
bool is_word(char c) noexcept {
  return c > 0x20 && c < 0x7F && c != '"' && c != '\\' && c != '=';
}

/// Appends printable text in quotes.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  if (std::all_of(text.begin(), text.end(),
                  [](char c) { return is_bare(c) || c < 0; })) {
    out += text;
  } else {
    for (auto c : text) {
      if (c == '"' || c == '\\')
        out += '\\';
      out += c;
    }
  }
  out += '"';
}

} // namespace

std::string_view utc_text::of(std::chrono::system_clock::time_point when) {
  using namespace std::chrono;
  const auto since = when.time_since_epoch();
  const auto whole = floor<seconds>(since);
  if (whole.count() != second_ || text_.empty()) {
    second_ = whole.count();
    std::tm parts{};
    gmtime_r(&second_, &parts);
    std::array<char, 32> stamp{};
    auto n =
      std::strftime(stamp.data(), stamp.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
    text_.assign(stamp.data(), n);
    text_ += "000Z";
  }
  auto ms = duration_cast<milliseconds>(since - whole).count();
  for (std::size_t i = 2; i <= 4; ++i, ms /= 10)
    text_[text_.size() - i] = static_cast<char>('0' + ms % 10);
  return text_;
}

void line_writer::begin(std::string_view key) {
  if (!std::exchange(first_, false))
    *out_ += format_ == log_format::json ? ',' : ' ';
  if (format_ == log_format::json)
    *out_ += '"';
  *out_ += key;
  *out_ += format_ == log_format::json ? "\":" : "=";
}

void line_writer::value_of(std::string_view value, std::size_t max_bytes) {
  std::string room;
  value = printable(value, room, max_bytes);
  if (format_ != log_format::json && !value.empty()
      && std::all_of(value.begin(), value.end(), is_word))
    *out_ += value;
  else
    append_quoted(*out_, value);
}

void line_writer::time(std::string_view stamp) {
  if (format_ == log_format::text) {
    *out_ += stamp;
    first_ = false;
  } else {
    word("time", stamp);
  }
}

void line_writer::level(std::string_view name) {
  if (format_ == log_format::text) {
    if (!std::exchange(first_, false))
      *out_ += ' ';
    *out_ += name;
  } else {
    word("level", name);
  }
}

void line_writer::message(std::string_view text) {
  std::string room;
  if (format_ == log_format::text) {
    if (!std::exchange(first_, false))
      *out_ += ' ';
    *out_ += printable(text, room);
    return;
  }
  begin(format_ == log_format::json ? "message" : "msg");
  auto shown = printable(text, room);
  // Quotes and backslashes become two bytes each: a line has to fit a pipe.
  constexpr std::size_t half = max_log_message / 2;
  const auto more = static_cast<std::size_t>(std::count_if(
    shown.begin(), shown.end(), [](char c) { return c == '"' || c == '\\'; }));
  std::string shorter;
  if (shown.size() + more > max_log_message)
    shown = printable(text, shorter, half);
  append_quoted(*out_, shown);
}

void line_writer::text(std::string_view key, std::string_view value,
                       std::size_t max_bytes) {
  begin(key);
  value_of(value, max_bytes);
}

void line_writer::word(std::string_view key, std::string_view value) {
  begin(key);
  if (format_ == log_format::json)
    *out_ += '"';
  *out_ += value;
  if (format_ == log_format::json)
    *out_ += '"';
}

void line_writer::number(std::string_view key, std::int64_t value) {
  begin(key);
  append_digits(*out_, value, 1);
}

void line_writer::time_span(std::string_view key,
                            std::chrono::nanoseconds value) {
  begin(key);
  const auto us = std::max<std::int64_t>(value.count(), 0) / 1000;
  append_digits(*out_, us / 1000, 1);
  *out_ += '.';
  append_digits(*out_, us % 1000, 3);
}

void line_writer::end() {
  if (format_ == log_format::json)
    *out_ += '}';
  *out_ += '\n';
}

} // namespace troupe
