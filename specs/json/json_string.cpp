#include "troupe/specs/json/json_string.hpp"

#include "troupe/specs/json/json_text.hpp"
#include "troupe/specs/text/hex_pairs.hpp"
#include "troupe/specs/text/utf8.hpp"

#include <cstddef>

namespace troupe {

namespace {

void append_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out.append(hex_pairs[c].data(), hex_pairs[c].size());
  }
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  const auto* at = text.data();
  const auto* end = at + text.size();
  for (;;) {
    const auto* special = json_text::skip_plain(at, end);
    out.append(at, special);
    if (special == end)
      break;
    at = special;
    if (auto c = static_cast<unsigned char>(*at); c < 0x80) {
      append_escape(out, c);
      ++at;
    } else {
      const std::string_view rest{at, static_cast<std::size_t>(end - at)};
      auto step = first_code_point(rest);
      out += step.valid ? rest.substr(0, step.size) : replacement_character;
      at += step.size;
    }
  }
  out += '"';
}

} // namespace troupe
