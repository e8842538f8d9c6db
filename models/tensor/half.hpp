#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace troupe {

/// A floating point number of 16 bits. This only stores it: computations use
/// `double`, which holds every one of them.
/// @tparam Exponent, Mantissa bits, 15 together; the sign takes the last one
template <int Exponent, int Mantissa>
struct basic_half {
  static_assert(Exponent + Mantissa == 15);

  std::uint16_t bits = 0;

  basic_half() = default;

  /// Rounds to the nearest, ties to even; to an infinity beyond the range.
  explicit basic_half(double x) noexcept : bits(round(x)) {
    // nop
  }

  explicit operator double() const noexcept {
    auto mantissa = static_cast<double>(bits & ((1U << Mantissa) - 1));
    auto exponent = (bits >> Mantissa) & ((1U << Exponent) - 1);
    double size = 0;
    if (exponent == (1U << Exponent) - 1)
      size = mantissa == 0 ? std::numeric_limits<double>::infinity()
                           : std::numeric_limits<double>::quiet_NaN();
    else if (exponent == 0)
      size = std::ldexp(mantissa, least - Mantissa);
    else
      size = std::ldexp(mantissa + (1U << Mantissa),
                        least - Mantissa + static_cast<int>(exponent) - 1);
    return (bits & 0x8000U) != 0 ? -size : size;
  }

private:
  /// The exponent of the smallest normal number.
  static constexpr int least = 2 - (1 << (Exponent - 1));

  static constexpr std::uint32_t infinity = ((1U << Exponent) - 1) << Mantissa;

  static std::uint16_t round(double x) noexcept {
    auto sign = std::signbit(x) ? 0x8000U : 0U;
    std::uint32_t size = infinity;
    if (std::isnan(x)) {
      size |= 1U << (Mantissa - 1);
    } else if (x == 0) {
      size = 0;
    } else if (std::isfinite(x) && std::ilogb(x) <= -least + 2) {
      auto exponent = std::max(std::ilogb(x), least);
      // The leading bit of a normal number counts one exponent up.
      auto steps = std::nearbyint(std::ldexp(std::abs(x), Mantissa - exponent));
      size = (static_cast<std::uint32_t>(exponent - least) << Mantissa)
             + static_cast<std::uint32_t>(steps);
      size = std::min(size, infinity);
    }
    return static_cast<std::uint16_t>(sign | size);
  }
};

/// IEEE 754's binary16.
using ieee_half = basic_half<5, 10>;

/// The upper half of a float32.
using brain_half = basic_half<8, 7>;

template <class T>
inline constexpr bool is_half = false;

template <int Exponent, int Mantissa>
inline constexpr bool is_half<basic_half<Exponent, Mantissa>> = true;

/// Whether `T` has infinities and NaN.
template <class T>
inline constexpr bool is_real = std::is_floating_point_v<T> || is_half<T>;

/// Returns `x`, as `double` when it is of 16 bits.
template <class T>
auto number_of(T x) noexcept {
  if constexpr (is_half<T>)
    return static_cast<double>(x);
  else
    return x;
}

} // namespace troupe
