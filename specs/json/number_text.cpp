#include "troupe/specs/json/number_text.hpp"

#include "troupe/specs/json/plain_number.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <bit>
#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace troupe::json_text {

namespace {

// Between them a number is written without an exponent.
constexpr double least_fixed = 1e-4;
constexpr double end_of_fixed = 1e15;

constexpr std::uint64_t ten_to(unsigned n) noexcept {
  std::uint64_t result = 1;
  for (; n > 0; --n)
    result *= 10;
  return result;
}

/// `00`, `01`, ... `99`.
constexpr auto digit_pairs = [] {
  std::array<char, 200> result{};
  for (std::size_t i = 0; i < result.size(); i += 2) {
    result[i] = static_cast<char>('0' + i / 20);
    result[i + 1] = static_cast<char>('0' + i / 2 % 10);
  }
  return result;
}();

/// Writes this many digits of a number, with zeros before it.
char* write_padded(char* out, std::uint64_t x, unsigned count) noexcept {
  auto* end = out + count;
  auto* at = end;
  for (; count >= 2; count -= 2) {
    at -= 2;
    std::memcpy(at, digit_pairs.data() + x % 100 * 2, 2);
    x /= 100;
  }
  if (count == 1)
    *--at = static_cast<char>('0' + x % 10);
  return end;
}

/// Returns the exponent of the first digit of a number.
/// @pre x is from `least_fixed` to `end_of_fixed`
int decimal_exponent(double x) noexcept {
  constexpr int bias = DBL_MAX_EXP - 1;
  auto binary =
    static_cast<int>(std::bit_cast<std::uint64_t>(x) >> (DBL_MANT_DIG - 1))
    - bias;
  // 0.30103, the logarithm of 2, times 4096.
  constexpr int numerator = 1233;
  constexpr int shift = 12;
  auto result = (binary * numerator) >> shift;
  // Negative powers need not be exact: both sides of one are right.
  auto next = result + 1;
  auto bound = next >= 0 ? exact_powers[static_cast<std::size_t>(next)]
                         : 1 / exact_powers[static_cast<std::size_t>(-next)];
  return x >= bound ? next : result;
}

/// Drops this many zeros at the end of a fraction, if they are there.
template <unsigned Count>
void drop_zeros(std::uint64_t& digits, unsigned& fraction) noexcept {
  constexpr auto power = ten_to(Count);
  if (fraction < Count || digits % power != 0)
    return;
  digits /= power;
  fraction -= Count;
}

/// Writes a number that 15 digits are enough for. No two numbers of 15 digits
/// are the same `double`, so these are the fewest, too.
/// @returns null for any other
char* write_short(char* out, double x) noexcept {
  constexpr int digits = 15;
  auto fraction = static_cast<unsigned>(digits - 1 - decimal_exponent(x));
  auto power = exact_powers[fraction];
  // Nearly the nearest; what is not is found out below.
  auto raised = x * power + 0.5;
  auto all = static_cast<std::uint64_t>(static_cast<std::int64_t>(raised));
  // Exact, as in `read_plain_number`.
  if (static_cast<double>(all) / power != x)
    return nullptr;
  drop_zeros<8>(all, fraction);
  drop_zeros<4>(all, fraction);
  drop_zeros<2>(all, fraction);
  drop_zeros<1>(all, fraction);
  auto scale = static_cast<std::uint64_t>(exact_powers[fraction]);
  auto whole = all < scale ? 0 : all / scale;
  if (whole < 10)
    *out++ = static_cast<char>('0' + whole);
  else
    out = std::to_chars(out, out + digits + 1, whole).ptr;
  *out++ = '.';
  return fraction == 0 ? write_padded(out, 0, 1)
                       : write_padded(out, all - whole * scale, fraction);
}

} // namespace

char* write_number(char* out, double x) noexcept {
  auto* end = out + most_number_bytes;
  if (std::signbit(x)) {
    *out++ = '-';
    x = -x;
  }
  if (x < least_fixed || x >= end_of_fixed)
    return nlohmann::detail::to_chars(out, end, x);
  if (auto* behind = write_short(out, x))
    return behind;
  return std::to_chars(out, end, x, std::chars_format::fixed).ptr;
}

} // namespace troupe::json_text
