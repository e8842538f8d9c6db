#include "troupe/specs/json/json_reader.hpp"

#include "troupe/specs/json/json_text.hpp"
#include "troupe/specs/json/plain_number.hpp"
#include "troupe/specs/text/text.hpp"
#include "troupe/specs/text/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

using json_text::is_space;

const char* skip_digits(const char* at, const char* end) noexcept {
  while (at != end && is_digit(*at))
    ++at;
  return at;
}

} // namespace

json_syntax_error::json_syntax_error(const std::string& what,
                                     std::string reason, std::size_t offset)
  : std::runtime_error(what), reason_(std::move(reason)), offset_(offset) {
  // nop
}

json_memory_error::json_memory_error(std::size_t max_memory)
  : std::runtime_error("the JSON text takes more than "
                       + std::to_string(max_memory)
                       + " bytes when it is read; send less at once, or raise "
                         "the server's max_json_memory_bytes") {
  // nop
}

json_budget_error::json_budget_error()
  : std::runtime_error("requests take all the memory that they may use") {
  // nop
}

std::string_view type_name(json_token token) noexcept {
  switch (token) {
    case json_token::begin_object:
    case json_token::end_object:
      return "object";
    case json_token::begin_array:
    case json_token::end_array:
      return "array";
    case json_token::key:
    case json_token::string:
      return "string";
    case json_token::integer:
    case json_token::unsigned_integer:
    case json_token::floating:
      return "number";
    case json_token::boolean:
      return "boolean";
    default:
      return "null";
  }
}

json_reader::json_reader(std::string_view text, json_limits limits,
                         json_dialect dialect)
  : text_(text),
    limits_(limits),
    dialect_(dialect),
    at_(text.data()),
    begin_(text.data()),
    end_(text.data() + text.size()) {
  limits_.max_depth = std::min(limits_.max_depth, max_json_depth);
  if (text_.starts_with(byte_order_mark))
    at_ += byte_order_mark.size();
}

// -- steps --------------------------------------------------------------------

json_token json_reader::next() {
  // From one number of an array to the next one.
  if (state_ == state::after && end_ - at_ > 1 && *at_ == ',' && depth_ > 0
      && !in_object()) {
    const auto* value = at_[1] == ' ' ? at_ + 2 : at_ + 1;
    if (read_plain(value)) {
      begin_ = value;
      return token_;
    }
  }
  skip_space();
  begin_ = at_;
  switch (state_) {
    case state::value:
      return read_value();
    case state::first_key:
      return at_ != end_ && *at_ == '}' ? close() : read_key();
    case state::first_element:
      return at_ != end_ && *at_ == ']' ? close() : read_value();
    default:
      break;
  }
  if (depth_ == 0) {
    if (at_ != end_)
      expected("the end of the text");
    return set(json_token::end);
  }
  if (at_ != end_ && *at_ == ',') {
    ++at_;
    skip_space();
    begin_ = at_;
    if (at_ != end_ && (*at_ == '}' || *at_ == ']'))
      expected_after_comma(in_object() ? "a key in quotes" : "a value");
    return in_object() ? read_key() : read_value();
  }
  if (at_ != end_ && *at_ == (in_object() ? '}' : ']'))
    return close();
  expected(in_object() ? "',' or '}'" : "',' or ']'");
}

void json_reader::skip_value() {
  if (token_ != json_token::begin_object && token_ != json_token::begin_array)
    return;
  for (auto outside = depth_ - 1; depth_ > outside;)
    next();
}

void json_reader::finish() {
  while (next() != json_token::end) {
    // Checked by the way.
  }
}

std::size_t json_reader::scalars_ahead() const noexcept {
  return json_text::count_scalars(at_, end_);
}

std::size_t json_reader::elements_ahead() const noexcept {
  // Each level may be read once more for each above it.
  constexpr std::size_t deepest = 4;
  return depth_ <= deepest ? json_text::count_elements(at_, end_) : 0;
}

void json_reader::charge(std::size_t bytes) {
  if (!may_charge(bytes))
    throw json_memory_error(limits_.max_memory);
  charged_ += bytes;
  if (limits_.budget == nullptr || charged_ <= paid_)
    return;
  // In steps: it is shared by all threads.
  constexpr std::size_t step = 64UL * 1024;
  auto more = std::max(charged_ - paid_, step);
  if (!limits_.budget->take(more))
    throw json_budget_error();
  paid_ += more;
}

// -- errors -------------------------------------------------------------------

void json_reader::fail(const char* at, std::string reason) const {
  auto offset = static_cast<std::size_t>(at - text_.data());
  auto what =
    "malformed JSON: " + json_text::place_of(text_, offset) + ": " + reason;
  throw json_syntax_error(what, std::move(reason), offset);
}

void json_reader::expected(std::string_view what) const {
  std::string reason{"expected "};
  auto rest = text_.substr(static_cast<std::size_t>(at_ - text_.data()));
  fail(at_,
       reason.append(what).append(", got ").append(json_text::shown(rest)));
}

void json_reader::expected_after_comma(std::string_view what) const {
  std::string reason{"expected "};
  reason.append(what).append(", got ").append(quoted({at_, 1}));
  fail(at_, reason.append(" (is there an extra comma before it?)"));
}

// -- tokens -------------------------------------------------------------------

void json_reader::skip_space() {
  for (;;) {
    while (at_ != end_ && is_space(*at_))
      ++at_;
    if (dialect_ == json_dialect::strict || end_ - at_ < 2 || *at_ != '/'
        || (at_[1] != '/' && at_[1] != '*'))
      return;
    skip_comment();
  }
}

void json_reader::skip_comment() {
  std::string_view rest{at_, static_cast<std::size_t>(end_ - at_)};
  auto block = rest[1] == '*';
  auto length = block ? rest.find("*/", 2) : rest.find_first_of("\r\n");
  auto nul = rest.substr(0, length).find('\0');
  if (nul != std::string_view::npos)
    fail(at_ + nul, "a NUL byte in a comment");
  if (block && length == std::string_view::npos)
    fail(end_, "a comment does not end");
  at_ += block ? length + 2 : std::min(length, rest.size());
}

json_token json_reader::read_value() {
  if (at_ == end_)
    expected("a value");
  switch (*at_) {
    case '{':
      return open(true);
    case '[':
      return open(false);
    case '"':
      read_string();
      state_ = state::after;
      return set(json_token::string);
    case 't':
      boolean_ = true;
      return read_literal("true", json_token::boolean);
    case 'f':
      boolean_ = false;
      return read_literal("false", json_token::boolean);
    case 'n':
      return read_literal("null", json_token::null);
    default:
      if (*at_ != '-' && !is_digit(*at_))
        expected("a value");
      state_ = state::after;
      return read_number();
  }
}

json_token json_reader::read_literal(std::string_view literal,
                                     json_token token) {
  std::string_view rest{at_, static_cast<std::size_t>(end_ - at_)};
  auto whole =
    rest.starts_with(literal)
    && (rest.size() == literal.size() || !is_alpha(rest[literal.size()]));
  if (!whole)
    expected("a value");
  at_ += literal.size();
  state_ = state::after;
  return set(token);
}

json_token json_reader::open(bool object) {
  if (depth_ == limits_.max_depth)
    fail(at_,
         "nested deeper than " + std::to_string(limits_.max_depth) + " levels");
  objects_[depth_++] = object;
  ++at_;
  state_ = object ? state::first_key : state::first_element;
  return set(object ? json_token::begin_object : json_token::begin_array);
}

json_token json_reader::close() {
  auto object = in_object();
  --depth_;
  ++at_;
  state_ = state::after;
  return set(object ? json_token::end_object : json_token::end_array);
}

json_token json_reader::read_key() {
  if (at_ == end_ || *at_ != '"')
    expected("a key in quotes");
  read_string();
  skip_space();
  if (at_ == end_ || *at_ != ':')
    expected("':'");
  ++at_;
  state_ = state::value;
  return set(json_token::key);
}

bool json_reader::read_plain(const char* first) noexcept {
  using kind = json_text::plain_number::kind;
  auto x = json_text::read_plain_number(first, end_);
  switch (x.form) {
    case kind::integer:
      integer_ = x.integer;
      set(json_token::integer);
      break;
    case kind::unsigned_integer:
      unsigned_ = x.unsigned_integer;
      set(json_token::unsigned_integer);
      break;
    case kind::floating:
      floating_ = x.floating;
      set(json_token::floating);
      break;
    default:
      return false;
  }
  at_ = x.end;
  return true;
}

json_token json_reader::read_number() {
  if (read_plain(at_))
    return token_;
  const auto* first = at_;
  auto negative = *at_ == '-';
  if (negative)
    ++at_;
  if (at_ == end_ || !is_digit(*at_))
    expected("a digit");
  auto zero = *at_ == '0';
  at_ = zero ? at_ + 1 : skip_digits(at_, end_);
  if (zero && at_ != end_ && is_digit(*at_))
    fail(first, "a number must not begin with 0");
  auto whole = true;
  auto digits = [this, &whole] {
    whole = false;
    if (at_ == end_ || !is_digit(*at_))
      expected("a digit");
    at_ = skip_digits(at_, end_);
  };
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    digits();
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-'))
      ++at_;
    digits();
  }
  if (whole && negative) {
    if (std::from_chars(first, at_, integer_).ec == std::errc{})
      return set(json_token::integer);
  } else if (whole) {
    if (std::from_chars(first, at_, unsigned_).ec == std::errc{})
      return set(json_token::unsigned_integer);
  }
  return read_double(first);
}

json_token json_reader::read_double(const char* first) {
  std::string_view number{first, static_cast<std::size_t>(at_ - first)};
  auto x = json_text::to_double(number);
  if (!x)
    fail(first, "the number " + clipped(number, json_text::most_shown)
                  + " does not fit a double");
  floating_ = *x;
  return set(json_token::floating);
}

void json_reader::read_string() {
  const auto* first = ++at_;
  auto escaped = false;
  for (;;) {
    at_ = json_text::skip_plain(at_, end_);
    if (at_ == end_)
      fail(end_, "a string does not end");
    auto c = *at_;
    if (c == '"')
      break;
    if (c == '\\') {
      constexpr std::string_view known = "\"\\/bfnrtu";
      if (end_ - at_ < 2 || known.find(at_[1]) == std::string_view::npos)
        fail(at_, "a backslash in a string does not begin an escape of JSON");
      escaped = true;
      at_ += 2;
      continue;
    }
    if (c >= 0 && c < 0x20)
      fail(at_, json_text::byte_text(c)
                  + " in a string must be written as an escape");
    auto n = code_point_length({at_, static_cast<std::size_t>(end_ - at_)});
    if (n == 0)
      fail(at_, "a string is not UTF-8");
    at_ += n;
  }
  string_ = {first, static_cast<std::size_t>(at_ - first)};
  if (escaped) {
    if (auto fault = json_text::decode_escapes(string_, decoded_))
      fail(fault.at, fault.reason);
    string_ = decoded_;
  }
  ++at_;
}

} // namespace troupe
