#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe {

/// The deepest nesting that is read, as Triton has it. nlohmann's `dump` and
/// copy overflow the stack at a depth of some 100,000.
inline constexpr std::size_t max_json_depth = 100;

/// What the values of JSON texts are paid from; shared by many texts.
class json_budget {
public:
  virtual ~json_budget() = default;
  json_budget() = default;
  json_budget(const json_budget&) = delete;
  json_budget& operator=(const json_budget&) = delete;

  /// Takes bytes, which come back at this object's end.
  /// @returns whether that many were left
  virtual bool take(std::size_t bytes) noexcept = 0;
};

/// Bounds of one JSON text.
struct json_limits {
  /// At most `max_json_depth`.
  std::size_t max_depth = max_json_depth;
  /// What the values may take in memory, in bytes; see `json_reader::charge`.
  std::size_t max_memory = std::numeric_limits<std::size_t>::max();
  /// What pays for them; null has no bound. Outlives the reader.
  json_budget* budget = nullptr;
};

/// Thrown for a text that is not JSON, or nested too deeply.
class json_syntax_error : public std::runtime_error {
public:
  /// @param what for the client, with the place
  /// @param reason the same without the place
  /// @param offset of the byte that does not fit
  json_syntax_error(const std::string& what, std::string reason,
                    std::size_t offset);

  [[nodiscard]] const std::string& reason() const noexcept {
    return reason_;
  }

  [[nodiscard]] std::size_t offset() const noexcept {
    return offset_;
  }

private:
  std::string reason_;
  std::size_t offset_;
};

/// Thrown for a text whose values take more than `json_limits::max_memory`; to
/// a client it is a 413.
class json_memory_error : public std::runtime_error {
public:
  explicit json_memory_error(std::size_t max_memory);
};

/// Thrown when the budget has too little left for a text's values; to a client
/// it is a 503.
class json_budget_error : public std::runtime_error {
public:
  json_budget_error();
};

/// What stands at a place of a JSON text.
enum class json_token : std::uint8_t {
  begin_object,
  end_object,
  begin_array,
  end_array,
  /// With its colon.
  key,
  string,
  /// An integer below 0 or `-0`.
  integer,
  /// An integer from 0.
  unsigned_integer,
  /// A number with a fraction or an exponent, or an integer that fits neither
  /// of the two.
  floating,
  boolean,
  null,
  /// Of the text.
  end,
};

/// Names the type of a value as a message should: `number`, `string`, ...
[[nodiscard]] std::string_view type_name(json_token token) noexcept;

[[nodiscard]] constexpr bool is_number(json_token token) noexcept {
  return token == json_token::integer || token == json_token::unsigned_integer
         || token == json_token::floating;
}

/// Returns what a string takes in memory outside itself, the allocator's own
/// share included.
[[nodiscard]] constexpr std::size_t heap_bytes(std::string_view text) noexcept {
  constexpr std::size_t longest_inside = 15;
  constexpr std::size_t own_share = 17;
  return text.size() > longest_inside ? text.size() + own_share : 0;
}

/// What a text may hold beside JSON (RFC 8259).
enum class json_dialect : std::uint8_t {
  strict,
  /// Comments, `// ...` and `/* ... */`.
  commented,
};

/// Reads a JSON text token by token, so that values go from the text to where
/// they are wanted, and no document is made on the way. Checks all of RFC 8259:
/// one value, UTF-8, no lone surrogates, no NUL; numbers that no `double` holds
/// are refused. A byte order mark at the beginning is skipped. Keys may repeat;
/// the caller decides which one counts, and ours take the last.
///
/// Needs no memory but for one string with escapes at a time. Linear in the
/// text. The text must outlive it.
class json_reader {
public:
  explicit json_reader(std::string_view text, json_limits limits = {},
                       json_dialect dialect = json_dialect::strict);

  json_reader(const json_reader&) = delete;
  json_reader& operator=(const json_reader&) = delete;

  /// Steps to the next token. The end comes again when it is passed.
  /// @throws json_syntax_error
  json_token next();

  [[nodiscard]] json_token token() const noexcept {
    return token_;
  }

  /// Returns where the token begins, in bytes from the beginning of the text.
  [[nodiscard]] std::size_t offset() const noexcept {
    return static_cast<std::size_t>(begin_ - text_.data());
  }

  /// Returns the key or string at hand, decoded; lives until the next step.
  [[nodiscard]] std::string_view text() const noexcept {
    return string_;
  }

  /// @pre the token is `integer`
  [[nodiscard]] std::int64_t integer() const noexcept {
    return integer_;
  }

  /// @pre the token is `unsigned_integer`
  [[nodiscard]] std::uint64_t unsigned_integer() const noexcept {
    return unsigned_;
  }

  /// Returns the number at hand, whatever its form.
  /// @pre `is_number(token())`
  [[nodiscard]] double number() const noexcept {
    if (token_ == json_token::integer)
      return static_cast<double>(integer_);
    if (token_ == json_token::unsigned_integer)
      return static_cast<double>(unsigned_);
    return floating_;
  }

  /// @pre the token is `boolean`
  [[nodiscard]] bool boolean() const noexcept {
    return boolean_;
  }

  /// Passes the value at hand; of an object or array, all of it. The token is
  /// then its last.
  /// @throws json_syntax_error
  void skip_value();

  /// Reads on to the end of the text.
  /// @throws json_syntax_error also when more than one value is there
  void finish();

  /// Returns how many elements the array at hand has when all of them are
  /// numbers, booleans or null; else 0. Tells how much room to make.
  /// @pre the token is `begin_array`
  [[nodiscard]] std::size_t scalars_ahead() const noexcept;

  /// Returns how many elements the array at hand has, or 0 when it is empty or
  /// its text is broken. Tells how much room to make. Reads the array once
  /// more, so 0 as well where arrays are nested deeply.
  /// @pre the token is `begin_array`
  [[nodiscard]] std::size_t elements_ahead() const noexcept;

  /// Counts memory that a value takes outside the text.
  /// @throws json_memory_error above `json_limits::max_memory`
  /// @throws json_budget_error when the budget has too little left
  void charge(std::size_t bytes);

  /// Returns whether this much may still be charged, the budget aside.
  [[nodiscard]] bool may_charge(std::size_t bytes) const noexcept {
    return charged_ <= limits_.max_memory
           && bytes <= limits_.max_memory - charged_;
  }

  [[nodiscard]] std::size_t charged() const noexcept {
    return charged_;
  }

  /// Takes back what was charged for values that are gone.
  void refund_to(std::size_t charged) noexcept {
    charged_ = charged;
  }

private:
  enum class state : std::uint8_t { value, first_key, first_element, after };

  [[noreturn]] void fail(const char* at, std::string reason) const;
  [[noreturn]] void expected(std::string_view what) const;
  [[noreturn]] void expected_after_comma(std::string_view what) const;

  [[nodiscard]] bool in_object() const noexcept {
    return objects_[depth_ - 1];
  }

  json_token set(json_token token) noexcept {
    return token_ = token;
  }

  void skip_space();
  void skip_comment();
  json_token read_value();
  json_token read_key();
  json_token read_number();
  /// Reads a number that nobody has to look at closely.
  /// @returns whether it did; if not, nothing has changed
  bool read_plain(const char* first) noexcept;
  json_token read_double(const char* first);
  json_token read_literal(std::string_view literal, json_token token);
  json_token open(bool object);
  json_token close();
  void read_string();

  std::string_view text_;
  json_limits limits_;
  json_dialect dialect_;
  state state_ = state::value;
  json_token token_ = json_token::end;
  bool boolean_ = false;
  const char* at_;
  const char* begin_;
  const char* end_;
  std::size_t depth_ = 0;
  std::size_t charged_ = 0;
  /// What the budget gave.
  std::size_t paid_ = 0;
  std::string_view string_;
  union {
    std::int64_t integer_;
    std::uint64_t unsigned_;
    double floating_ = 0;
  };
  /// Which of the open containers are objects.
  std::bitset<max_json_depth> objects_;
  /// The last string with escapes.
  std::string decoded_;
};

} // namespace troupe
