#include "troupe/actors/table/segment_hash.hpp"
#include "troupe/specs/values/headers.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <set>
#include <string>

using namespace troupe;

TEST(segment_hash, depends_on_every_byte_the_size_and_the_seed) {
  const segment_hash hash;
  std::string text;
  for (auto size = 0; size <= 40; ++size) {
    std::set<std::uint64_t> seen{hash(text, 0), hash(text, 1)};
    auto other = text;
    for (auto& c : other) {
      for (auto mask : {1, 0x20, 0x80}) {
        c = static_cast<char>(c ^ mask);
        seen.insert(hash(other, 0));
        c = static_cast<char>(c ^ mask);
      }
    }
    EXPECT_EQ(other, text);
    EXPECT_EQ(hash(other, 0), hash(text, 0));
    EXPECT_EQ(seen.size(), 2 + 3 * text.size()) << text;
    text += static_cast<char>('a' + size % 26);
  }
  // Also of zeros, which add nothing to a sum.
  std::set<std::uint64_t> zeros;
  for (std::size_t size = 0; size <= 40; ++size)
    zeros.insert(hash(std::string(size, '\0'), 0));
  EXPECT_EQ(zeros.size(), 41U);
}

TEST(segment_hash, does_not_look_beyond_the_text) {
  const segment_hash hash;
  const std::string text = "0123456789012345678901234567890123456789";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto part = text.substr(0, size);
    const auto around = "xyz" + part + "xyz";
    EXPECT_EQ(hash(std::string_view{around}.substr(3, size), 5), hash(part, 5));
  }
}

TEST(segment_hash, folds_ascii_letters_only_and_only_when_told) {
  const segment_hash strict{false};
  const segment_hash loose{true};
  for (auto i = 0; i < 256; ++i)
    for (auto j = 0; j < 256; ++j) {
      const std::string lhs{static_cast<char>(i)};
      const std::string rhs{static_cast<char>(j)};
      EXPECT_EQ(loose(lhs, 0) == loose(rhs, 0), iequals(lhs, rhs));
      EXPECT_EQ(strict(lhs, 0) == strict(rhs, 0), lhs == rhs);
    }
}

TEST(segment_hash, lowers_each_byte_of_a_word_by_itself) {
  for (auto place = 0U; place < 8; ++place)
    for (std::uint64_t rest : {std::uint64_t{0}, ~std::uint64_t{0},
                               std::uint64_t{0x5A5B4041617A7F80}}) {
      for (std::uint64_t byte = 0; byte < 256; ++byte) {
        const auto shift = 8 * place;
        const auto word =
          (rest & ~(std::uint64_t{0xFF} << shift)) | byte << shift;
        const auto is_upper = byte >= 'A' && byte <= 'Z';
        EXPECT_EQ(segment_hash::lower(word) >> shift & 0xFF,
                  is_upper ? byte + 0x20 : byte)
          << std::hex << word;
      }
    }
}

TEST(segment_hash, gives_texts_that_differ_in_case_one_hash_at_every_size) {
  const segment_hash loose{true};
  std::string lower;
  std::string upper;
  for (auto i = 0; i < 40; ++i) {
    EXPECT_EQ(loose(lower, 3), loose(upper, 3)) << lower;
    lower += static_cast<char>('a' + i % 26);
    upper += static_cast<char>('A' + i % 26);
  }
}

TEST(segment_hash, spreads_numbered_names_in_the_high_and_in_the_low_bits) {
  const segment_hash hash;
  constexpr auto count = 100'000;
  constexpr auto bits = 18U;
  std::set<std::uint64_t> high;
  std::set<std::uint64_t> low;
  for (auto i = 0; i < count; ++i) {
    const auto x = hash("route-" + std::to_string(i), 48);
    high.insert(x >> (64 - bits));
    low.insert(x & ((1U << bits) - 1));
  }
  // 83,133 for a perfectly random function; its deviation is about 150.
  EXPECT_GT(high.size(), 82'000U);
  EXPECT_GT(low.size(), 82'000U);
}
