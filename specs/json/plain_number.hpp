#pragma once

#include "troupe/specs/text/text.hpp"

#include <array>
#include <bit>
#include <cfloat>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace troupe::json_text {

/// Powers of ten, which a `double` holds as they are.
inline constexpr std::array<double, 19> exact_powers{
  1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
  1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

/// A number at the beginning of a text.
struct plain_number {
  enum class kind : std::uint8_t {
    /// Nothing is known: no number of JSON begins there, or one that
    /// `read_plain_number` leaves to others.
    other,
    /// Below 0, or `-0`.
    integer,
    unsigned_integer,
    floating,
  };

  kind form = kind::other;
  /// Where it ends; null for `other`.
  const char* end = nullptr;
  union {
    std::int64_t integer = 0;
    std::uint64_t unsigned_integer;
    double floating;
  };
};

/// Reads eight digits at once, and passes them.
/// @param digits gets them after those that it has
/// @returns whether there are eight
inline bool take_eight_digits(const char*& at, const char* last,
                              std::uint64_t& digits) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr auto highs = ones * 0xF0U;
  if (std::endian::native != std::endian::little || last - at < 8)
    return false;
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  // Digits are 0x30 to 0x39; six more makes the others 0x40 and above.
  if ((word & highs) != ones * 0x30U
      || ((word + ones * 6U) & highs) != ones * 0x30U)
    return false;
  // Numbers of two digits, then of four, then of eight.
  word -= ones * 0x30U;
  word = word * 10 + (word >> 8U);
  constexpr std::uint64_t every_fourth = 0x000000FF000000FFU;
  word = ((word & every_fourth) * (100U + (1'000'000ULL << 32U))
          + ((word >> 16U) & every_fourth) * (1U + (10'000ULL << 32U)))
         >> 32U;
  digits = digits * 100'000'000U + word;
  at += 8;
  return true;
}

/// Reads a number that is as most are: an integer of at most 18 digits, or one
/// with a fraction or an exponent whose value is in the range of `double`. It
/// is exact: each result is what `json_reader` says of that number in any case.
/// What comes after the number is not looked at.
inline plain_number read_plain_number(const char* first,
                                      const char* last) noexcept {
  // What 64 bits hold, whatever the digits are.
  constexpr int most_digits = 18;
  plain_number result;
  const auto* at = first;
  const auto negative = at != last && *at == '-';
  if (negative)
    ++at;
  std::uint64_t digits = 0;
  const auto* before = at;
  auto take_digits = [&] {
    for (; at != last && is_digit(*at); ++at)
      digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
  };
  take_digits();
  auto count = at - before;
  // More are counted, but their value is lost.
  if (count == 0 || (count > 1 && *before == '0'))
    return result;
  const auto whole = at == last || (*at != '.' && *at != 'e' && *at != 'E');
  if (whole) {
    if (count > most_digits)
      return result;
    result.end = at;
    if (negative) {
      result.form = plain_number::kind::integer;
      result.integer = -static_cast<std::int64_t>(digits);
    } else {
      result.form = plain_number::kind::unsigned_integer;
      result.unsigned_integer = digits;
    }
    return result;
  }
  std::ptrdiff_t fraction = 0;
  if (*at == '.') {
    before = ++at;
    while (take_eight_digits(at, last, digits)) {
      // The rest is fewer.
    }
    take_digits();
    fraction = at - before;
    if (fraction == 0)
      return result;
    count += fraction;
  }
  // Both are exact as a `double`, so their quotient is the nearest to the
  // number (Clinger, 1990).
  constexpr auto exact = std::uint64_t{1} << DBL_MANT_DIG;
  if (FLT_EVAL_METHOD == 0 && count <= most_digits && digits <= exact
      && (at == last || (*at != 'e' && *at != 'E'))) {
    auto size = static_cast<double>(digits)
                / exact_powers[static_cast<std::size_t>(fraction)];
    result.form = plain_number::kind::floating;
    result.floating = negative ? -size : size;
    result.end = at;
    return result;
  }
  double x = 0;
  auto [end, fault] = std::from_chars(first, last, x);
  // It stops before an exponent without digits.
  if (fault != std::errc{} || (end != last && (*end == 'e' || *end == 'E')))
    return result;
  result.form = plain_number::kind::floating;
  result.floating = x;
  result.end = end;
  return result;
}

} // namespace troupe::json_text
