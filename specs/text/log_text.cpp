#include "troupe/specs/text/log_text.hpp"

#include "troupe/specs/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace troupe {

namespace {

/// A closed range of code points.
struct code_range {
  char32_t first;
  char32_t last;
};

/// What a terminal obeys or hides instead of showing it.
constexpr std::array<code_range, 9> unseen{{
  {0x00, 0x1F},       // C0
  {0x7F, 0x9F},       // DEL, C1
  {0x61C, 0x61C},     // Arabic letter mark
  {0x200B, 0x200F},   // no width, marks of direction
  {0x2028, 0x202E},   // separators, embeddings and overrides of direction
  {0x2060, 0x206F},   // no width, isolates of direction
  {0xFEFF, 0xFEFF},   // byte order mark
  {0xFFF9, 0xFFFB},   // annotations
  {0xE0000, 0xE007F}, // tags
}};

bool is_seen(char32_t code) noexcept {
  return std::none_of(unseen.begin(), unseen.end(), [code](const auto& x) {
    return x.first <= code && code <= x.last;
  });
}

bool is_plain(char c) noexcept {
  return c >= 0x20 && c < 0x7F;
}

void append_hex(std::string& out, const char* format, unsigned value) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), format, value);
  out += text.data();
}

void append_step(std::string& out, std::string_view bytes,
                 const utf8_step& step) {
  if (!step.valid) {
    for (auto c : bytes)
      append_hex(out, "\\x%02X", static_cast<unsigned char>(c));
  } else if (is_seen(step.code)) {
    out += bytes;
  } else if (step.code == '\n') {
    out += "\\n";
  } else if (step.code == '\r') {
    out += "\\r";
  } else if (step.code == '\t') {
    out += "\\t";
  } else if (step.code < 0x80) {
    append_hex(out, "\\x%02X", static_cast<unsigned>(step.code));
  } else {
    append_hex(out, "\\u{%X}", static_cast<unsigned>(step.code));
  }
}

/// Appends at most `max_bytes` and what says how much is missing.
void append_printable(std::string& out, std::string_view text,
                      std::size_t max_bytes, std::string_view also_escaped) {
  const auto begin = out.size();
  while (!text.empty()) {
    const auto size = out.size();
    auto step = first_code_point(text);
    auto bytes = text.substr(0, step.size);
    if (bytes.size() == 1 && also_escaped.find(bytes[0]) != bytes.npos)
      out += '\\';
    append_step(out, bytes, step);
    if (out.size() - begin > max_bytes) {
      out.resize(size);
      out += "... (" + std::to_string(text.size()) + " more bytes)";
      return;
    }
    text.remove_prefix(step.size);
  }
}

} // namespace

std::string_view printable(std::string_view text, std::string& room,
                           std::size_t max_bytes) {
  if (text.size() <= max_bytes
      && std::all_of(text.begin(), text.end(), is_plain))
    return text;
  // For the note at the end; a text that has one is not cut again.
  constexpr std::size_t note = 40;
  room.clear();
  append_printable(room, text, max_bytes, {});
  if (room.size() > max_bytes) {
    room.clear();
    append_printable(room, text, max_bytes - std::min(note, max_bytes), {});
  }
  return room;
}

std::string log_quoted(std::string_view text, std::size_t max_bytes) {
  std::string result = "\"";
  append_printable(result, text, max_bytes, "\"\\");
  return result += '"';
}

} // namespace troupe
