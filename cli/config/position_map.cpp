#include "troupe/cli/config/position_map.hpp"

#include "troupe/cli/config/pointer.hpp"
#include "troupe/specs/values/json.hpp"

#include <algorithm>

namespace troupe {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Walks over a text and counts; every character moves the position once.
class cursor {
public:
  explicit cursor(std::string_view text) : text_(text) {
    if (text_.starts_with(byte_order_mark))
      offset_ = byte_order_mark.size();
  }

  [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
    return offset_ + ahead < text_.size() ? text_[offset_ + ahead] : '\0';
  }

  [[nodiscard]] bool at_end() const noexcept {
    return offset_ >= text_.size();
  }

  [[nodiscard]] std::size_t offset() const noexcept {
    return offset_;
  }

  [[nodiscard]] text_position position() const noexcept {
    return position_;
  }

  [[nodiscard]] std::string_view from(std::size_t begin) const noexcept {
    return text_.substr(begin, offset_ - begin);
  }

  void step() noexcept {
    if (at_end())
      return;
    auto c = static_cast<unsigned char>(text_[offset_++]);
    if (c == '\n')
      position_ = {position_.line + 1, 1};
    // A continuation byte belongs to the column of its first byte.
    else if (offset_ >= text_.size()
             || (static_cast<unsigned char>(text_[offset_]) & 0xC0U) != 0x80U)
      ++position_.column;
  }

private:
  std::string_view text_;
  std::size_t offset_ = 0;
  text_position position_ = {};
};

} // namespace

/// Relies on the text being well-formed; ends early, but safely, if it is not.
class position_scanner {
public:
  explicit position_scanner(std::string_view text) : at_(text) {
    // nop
  }

  position_map run() {
    skip();
    value({}, at_.position(), 0);
    return std::move(result_);
  }

private:
  void skip_comment() {
    auto block = at_.peek(1) == '*';
    at_.step();
    at_.step();
    if (block) {
      while (!at_.at_end() && !(at_.peek() == '*' && at_.peek(1) == '/'))
        at_.step();
      at_.step();
      at_.step();
    } else {
      while (!at_.at_end() && at_.peek() != '\n' && at_.peek() != '\r')
        at_.step();
    }
  }

  /// Skips white space and comments.
  void skip() {
    while (!at_.at_end()) {
      auto c = at_.peek();
      if (c == '/' && (at_.peek(1) == '/' || at_.peek(1) == '*'))
        skip_comment();
      else if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
        at_.step();
      else
        return;
    }
  }

  /// Skips a string and returns it as it stands, with its quotes.
  std::string_view string() {
    auto begin = at_.offset();
    at_.step();
    while (!at_.at_end() && at_.peek() != '"') {
      if (at_.peek() == '\\')
        at_.step();
      at_.step();
    }
    at_.step();
    return at_.from(begin);
  }

  static std::string unescaped(std::string_view quoted) {
    if (quoted.find('\\') == std::string_view::npos)
      return std::string{quoted.substr(1, quoted.size() - 2)};
    return nlohmann::json::parse(quoted).get<std::string>();
  }

  void value(const std::string& pointer, text_position key, std::size_t depth) {
    auto entry = position_map::entry{key, at_.position()};
    result_.entries_.insert_or_assign(pointer, entry);
    auto c = at_.peek();
    if ((c == '{' || c == '[') && depth == max_json_depth)
      throw config_syntax_error(at_.position(),
                                "nested deeper than "
                                  + std::to_string(max_json_depth) + " levels");
    if (c == '{')
      object(pointer, depth + 1);
    else if (c == '[')
      array(pointer, depth + 1);
    else if (c == '"')
      string();
    else
      scalar();
  }

  void scalar() {
    constexpr std::string_view ends = ",]} \t\r\n/";
    while (!at_.at_end() && ends.find(at_.peek()) == std::string_view::npos)
      at_.step();
  }

  void object(const std::string& pointer, std::size_t depth) {
    std::map<std::string, text_position> seen;
    at_.step();
    for (skip(); at_.peek() == '"'; skip()) {
      auto where = at_.position();
      auto name = unescaped(string());
      auto inner = child(pointer, name);
      auto [first, added] = seen.emplace(name, where);
      if (!added) {
        result_.duplicates_.push_back({inner, first->second, where});
        forget(inner);
      }
      skip();
      at_.step(); // the colon
      skip();
      value(inner, where, depth);
      skip();
      if (at_.peek() == ',')
        at_.step();
    }
    at_.step();
  }

  void array(const std::string& pointer, std::size_t depth) {
    at_.step();
    skip();
    for (std::size_t i = 0; !at_.at_end() && at_.peek() != ']'; ++i) {
      value(child(pointer, i), at_.position(), depth);
      skip();
      if (at_.peek() == ',')
        at_.step();
      skip();
    }
    at_.step();
  }

  /// Drops what an earlier value of the same key had inside.
  void forget(const std::string& pointer) {
    std::erase_if(result_.entries_,
                  [&](const auto& x) { return is_within(x.first, pointer); });
  }

  cursor at_;
  position_map result_;
};

const position_map::entry*
position_map::find(const std::string& pointer) const {
  auto i = entries_.find(pointer);
  return i == entries_.end() ? nullptr : &i->second;
}

position_map map_positions(std::string_view text) {
  return position_scanner{text}.run();
}

text_position position_of(std::string_view text, std::size_t offset) noexcept {
  cursor at{text};
  offset = std::min(offset, text.size());
  while (at.offset() < offset)
    at.step();
  return at.position();
}

} // namespace troupe
