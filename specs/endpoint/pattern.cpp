#include "troupe/specs/endpoint/pattern.hpp"

#include "troupe/specs/text/text.hpp"
#include "troupe/specs/values/headers.hpp"
#include "troupe/specs/values/path.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe {

namespace {

constexpr std::string_view usual_example = "/v1/models/{name}:predict";

constexpr bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

/// Writes a literal such that it reads as one: `{}` comes out as `%7B%7D`.
void append_escaped(std::string& out, std::string_view text) {
  for (auto c : text) {
    if (is_control(c) || std::string_view{"%{}?#"}.find(c) != std::string::npos)
      out += percent_encode_path({&c, 1});
    else
      out += c;
  }
}

bool is_name(std::string_view text) noexcept {
  auto alpha = [](char c) { return is_alpha(c) || c == '_'; };
  return !text.empty() && alpha(text.front())
         && std::all_of(text.begin(), text.end(),
                        [alpha](char c) { return alpha(c) || is_digit(c); });
}

class parser {
public:
  explicit parser(std::string_view text) : text_(text) {
    result_.text = text;
  }

  pattern run() {
    if (!text_.starts_with('/'))
      fail(0, "a pattern begins with a slash", "/predict");
    if (text_.size() == 1)
      return std::move(result_);
    auto size = text_.ends_with('/') ? text_.size() - 1 : text_.size();
    for (std::size_t pos = 0; pos < size;) {
      auto end = std::min(text_.find('/', pos + 1), size);
      segment(pos + 1, end);
      pos = end;
    }
    return std::move(result_);
  }

private:
  [[noreturn]] void fail(std::size_t pos, std::string_view what,
                         std::string_view example = usual_example) const {
    std::string msg = "pattern \"";
    for (auto c : text_)
      msg += is_control(c) ? percent_encode_path({&c, 1}) : std::string(1, c);
    msg += "\", position " + std::to_string(pos + 1) + ": ";
    msg += what;
    msg += "; write e.g. \"";
    msg += example;
    msg += '"';
    throw std::invalid_argument(msg);
  }

  void segment(std::size_t pos, std::size_t end) {
    if (pos == end)
      fail(pos, "an empty segment", "/v1/predict");
    if (!result_.segments.empty()
        && result_.segments.back().kind == segment_kind::rest)
      fail(pos, "nothing may follow a rest parameter", "/files/{path...}");
    if (text_[pos] == '{') {
      parameter(pos, end);
      return;
    }
    auto text = literal(pos, end);
    if (text == "." || text == "..")
      fail(pos, "a dot segment", "/v1/predict");
    result_.segments.push_back({segment_kind::literal, std::move(text), {}});
  }

  /// Parses `{name}`, `{name}:text` or `{name...}`.
  void parameter(std::size_t pos, std::size_t end) {
    auto close = text_.find('}', pos);
    if (close == std::string_view::npos || close >= end)
      fail(pos, "a brace that is not closed in its segment");
    pattern_segment seg;
    auto name = text_.substr(pos + 1, close - pos - 1);
    seg.kind = segment_kind::parameter;
    if (name.ends_with("...")) {
      seg.kind = segment_kind::rest;
      name.remove_suffix(3);
    }
    if (!is_name(name))
      fail(pos + 1, "a parameter's name is letters, digits and '_', and does "
                    "not begin with a digit");
    seg.name = name;
    auto same = [&name](const auto& other) { return other.name == name; };
    if (std::any_of(result_.segments.begin(), result_.segments.end(), same))
      fail(pos + 1, "a parameter's name that was used before",
           "/{model}/versions/{version}");
    if (++parameters_ > max_pattern_parameters)
      fail(pos, "more than 16 parameters", "/files/{path...}");
    if (close + 1 < end) {
      if (seg.kind == segment_kind::rest)
        fail(close + 1, "nothing may follow a rest parameter",
             "/files/{path...}");
      seg.kind = segment_kind::suffix;
      seg.text = suffix(close + 1, end);
    }
    result_.segments.push_back(std::move(seg));
  }

  /// Parses the `:text` of a suffix segment.
  std::string suffix(std::size_t pos, std::size_t end) const {
    if (text_[pos] != ':')
      fail(pos, "only a colon and a text may follow a parameter");
    if (pos + 1 == end)
      fail(pos, "a colon without a text after it");
    auto result = literal(pos + 1, end);
    for (auto c : result)
      if (std::string_view{":{}"}.find(c) != std::string_view::npos
          || c == in_segment_slash)
        fail(pos + 1,
             "the text after the colon must not have ':', '{', '}' or '/'");
    return result;
  }

  [[nodiscard]] std::string literal(std::size_t pos, std::size_t end) const {
    std::string result;
    while (pos < end) {
      auto c = text_[pos];
      if (c == '{' || c == '}')
        fail(pos, "a brace inside a literal (encoded, it is %7B or %7D)");
      if (c == '?' || c == '#')
        fail(pos, "a pattern has neither query nor fragment", "/predict");
      if (is_control(c))
        fail(pos, "a control character", "/predict");
      auto width = std::size_t{c == '%' ? 3U : 1U};
      if (c == '%') {
        auto escape = text_.substr(pos, std::min(width, end - pos));
        auto decoded = percent_decode(escape);
        if (decoded.size() != 1 || escape.size() != width)
          fail(pos, "a percent sign without two hexadecimal digits after it",
               "/100%25");
        if (decoded.front() == '\0')
          fail(pos, "%00", "/predict");
        c = decoded.front() == '/' ? in_segment_slash : decoded.front();
      }
      result += c;
      pos += width;
    }
    return result;
  }

  std::string_view text_;
  pattern result_;
  std::size_t parameters_ = 0;
};

bool same_text(std::string_view lhs, std::string_view rhs, bool ignore_case) {
  return ignore_case ? iequals(lhs, rhs) : lhs == rhs;
}

/// Whether some segment matches both; neither is a rest.
bool overlap(const pattern_segment& lhs, const pattern_segment& rhs,
             bool ignore_case) {
  if (lhs.kind > rhs.kind)
    return overlap(rhs, lhs, ignore_case);
  if (rhs.kind == segment_kind::parameter)
    return true;
  if (lhs.kind == rhs.kind)
    return same_text(lhs.text, rhs.text, ignore_case);
  std::string_view text = lhs.text;
  auto colon = text.rfind(':');
  return colon != std::string_view::npos && colon > 0
         && same_text(text.substr(colon + 1), rhs.text, ignore_case);
}

/// Appends a segment that matches the more specific of the two.
void append_example(std::string& out, const pattern_segment& lhs,
                    const pattern_segment& rhs) {
  const auto& seg = lhs.kind <= rhs.kind ? lhs : rhs;
  out += '/';
  out += seg.name;
  if (seg.kind == segment_kind::suffix)
    out += ':';
  out += seg.text;
}

} // namespace

std::string pattern::canonical() const {
  if (segments.empty())
    return "/";
  std::string result;
  for (const auto& seg : segments) {
    result += '/';
    if (seg.kind == segment_kind::rest)
      result += "{...}";
    else if (seg.kind != segment_kind::literal)
      result += "{}";
    if (seg.kind == segment_kind::suffix)
      result += ':';
    append_escaped(result, seg.text);
  }
  return result;
}

bool pattern::has_parameters() const noexcept {
  return std::any_of(segments.begin(), segments.end(), [](const auto& seg) {
    return seg.kind != segment_kind::literal;
  });
}

pattern parse_pattern(std::string_view text) {
  return parser{text}.run();
}

void split_path(std::string_view path, std::vector<std::string_view>& out) {
  out.clear();
  if (path.starts_with('/'))
    path.remove_prefix(1);
  if (path.empty())
    return;
  for (;;) {
    auto slash = path.find('/');
    out.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos)
      return;
    path.remove_prefix(slash + 1);
  }
}

pattern_relation relate(const pattern& lhs, const pattern& rhs,
                        bool ignore_case) {
  auto lhs_wins = false;
  auto rhs_wins = false;
  for (std::size_t i = 0;; ++i) {
    auto lhs_ends = i == lhs.segments.size();
    auto rhs_ends = i == rhs.segments.size();
    if (lhs_ends != rhs_ends)
      return pattern_relation::disjoint;
    if (lhs_ends)
      break;
    const auto& x = lhs.segments[i];
    const auto& y = rhs.segments[i];
    lhs_wins = lhs_wins || x.kind < y.kind;
    rhs_wins = rhs_wins || y.kind < x.kind;
    // A rest takes whatever the other one has left, at the lowest rank.
    if (x.kind == segment_kind::rest || y.kind == segment_kind::rest)
      break;
    if (!overlap(x, y, ignore_case))
      return pattern_relation::disjoint;
  }
  if (lhs_wins && rhs_wins)
    return pattern_relation::ambiguous;
  if (lhs_wins)
    return pattern_relation::first_shadows;
  return rhs_wins ? pattern_relation::second_shadows : pattern_relation::equal;
}

std::string common_path(const pattern& lhs, const pattern& rhs) {
  std::string result;
  const auto size = std::max(lhs.segments.size(), rhs.segments.size());
  for (std::size_t i = 0; i < size; ++i) {
    // The shorter one ends in a rest, which takes what is left.
    const auto& x = lhs.segments[std::min(i, lhs.segments.size() - 1)];
    const auto& y = rhs.segments[std::min(i, rhs.segments.size() - 1)];
    append_example(result, x, y);
  }
  return result.empty() ? "/" : result;
}

} // namespace troupe
