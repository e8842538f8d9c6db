#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace troupe {

/// A request method (RFC 9110 section 9). `unknown` stands for a token that
/// the front does not implement; it answers 501.
enum class method : std::uint8_t {
  get,
  head,
  post,
  put,
  patch,
  del,
  options,
  unknown,
};

/// Renders the method's token, e.g. `"GET"`; `"unknown"` for `unknown`.
std::string_view to_string(method m) noexcept;

/// Parses a token. Methods are case-sensitive (RFC 9110 section 9.1).
method method_from(std::string_view token) noexcept;

/// A small set of methods; a value.
class method_set {
public:
  constexpr method_set() noexcept = default;

  constexpr method_set(std::initializer_list<method> ms) noexcept {
    for (auto m : ms)
      add(m);
  }

  /// Every known method.
  static constexpr method_set all() noexcept {
    method_set result;
    result.bits_ = (1U << static_cast<unsigned>(method::unknown)) - 1U;
    return result;
  }

  constexpr void add(method m) noexcept {
    if (m != method::unknown)
      bits_ = static_cast<std::uint8_t>(bits_ | bit(m));
  }

  constexpr void remove(method m) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ & ~bit(m));
  }

  [[nodiscard]] constexpr bool contains(method m) const noexcept {
    return m != method::unknown && (bits_ & bit(m)) != 0;
  }

  [[nodiscard]] constexpr bool overlaps(method_set other) const noexcept {
    return (bits_ & other.bits_) != 0;
  }

  [[nodiscard]] constexpr bool empty() const noexcept {
    return bits_ == 0;
  }

  constexpr method_set& operator|=(method_set other) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ | other.bits_);
    return *this;
  }

  constexpr method_set& operator&=(method_set other) noexcept {
    bits_ = static_cast<std::uint8_t>(bits_ & other.bits_);
    return *this;
  }

  constexpr bool operator==(const method_set&) const noexcept = default;

private:
  static constexpr std::uint8_t bit(method m) noexcept {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(m));
  }

  std::uint8_t bits_ = 0;
};

/// Renders the set as a field value for `Allow` (RFC 9110 section 10.2.1), in
/// the order of the enum, e.g. `"GET, HEAD, OPTIONS"`.
std::string to_string(method_set ms);

} // namespace troupe
