#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace troupe {

/// Hashes short texts, eight bytes at a time; with `ignore_case`, texts that
/// `iequals` finds equal have the same hash. The values differ between
/// machines of different byte order: not to be stored.
///
/// The function has no secret, so texts of the same hash can be made up at
/// will. It serves tables that are filled by who configures the server; what
/// clients send is looked up and never put in.
class segment_hash {
public:
  explicit segment_hash(bool ignore_case = false) noexcept
    : ignore_case_(ignore_case) {
    // nop
  }

  /// @param seed tells apart equal texts of different places
  std::uint64_t operator()(std::string_view text,
                           std::uint64_t seed) const noexcept {
    return ignore_case_ ? hash<true>(text, seed) : hash<false>(text, seed);
  }

  /// Turns the eight bytes of a word that are `A` to `Z` into lower case.
  static constexpr std::uint64_t lower(std::uint64_t word) noexcept {
    constexpr auto each = 0x0101010101010101U;
    const auto low = word & 0x7F * each;
    const auto from_a = low + (0x80 - 'A') * each;
    const auto beyond_z = low + (0x7F - 'Z') * each;
    const auto upper = (from_a ^ beyond_z) & ~word & 0x80 * each;
    return word | upper >> 2U;
  }

private:
  template <bool IgnoreCase>
  static std::uint64_t hash(std::string_view text,
                            std::uint64_t seed) noexcept {
    const auto* data = text.data();
    const auto size = text.size();
    auto result = (seed + size) * 0xA0761D6478BD642FU;
    auto mix = [&result](std::uint64_t word) {
      result = fold(result ^ (IgnoreCase ? lower(word) : word));
    };
    if (size >= 8) {
      for (std::size_t i = 0; i + 8 < size; i += 8)
        mix(load<std::uint64_t>(data + i));
      mix(load<std::uint64_t>(data + size - 8));
    } else if (size >= 4) {
      const auto first = std::uint64_t{load<std::uint32_t>(data)};
      mix(first << 32U | load<std::uint32_t>(data + size - 4));
    } else if (size > 0) {
      const auto first = std::uint64_t{load<std::uint8_t>(data)};
      const auto middle = std::uint64_t{load<std::uint8_t>(data + size / 2)};
      mix(first << 16U | middle << 8U | load<std::uint8_t>(data + size - 1));
    }
    return fold(result);
  }

  /// Multiplies and adds the halves of the product without carry, so that each
  /// bit has a say in the high and in the low ones.
  static std::uint64_t fold(std::uint64_t x) noexcept {
    __extension__ using wide = unsigned __int128;
    const auto product = wide{x} * 0xE7037ED1A0B428DBU;
    return static_cast<std::uint64_t>(product)
           ^ static_cast<std::uint64_t>(product >> 64U);
  }

  template <class T>
  static T load(const char* from) noexcept {
    T result;
    std::memcpy(&result, from, sizeof(T));
    return result;
  }

  bool ignore_case_;
};

} // namespace troupe
