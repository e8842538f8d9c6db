#include "troupe/models/tensor/half.hpp"

#include <gtest/gtest.h>

#include <bit>

namespace troupe {

namespace {

template <class T>
std::uint16_t bits(double x) {
  return T{x}.bits;
}

TEST(half, has_the_bits_of_ieee_754) {
  EXPECT_EQ(bits<ieee_half>(0), 0x0000);
  EXPECT_EQ(bits<ieee_half>(-0.0), 0x8000);
  EXPECT_EQ(bits<ieee_half>(1), 0x3C00);
  EXPECT_EQ(bits<ieee_half>(-2), 0xC000);
  EXPECT_EQ(bits<ieee_half>(65504), 0x7BFF);
  EXPECT_EQ(bits<ieee_half>(0x1p-14), 0x0400);
  EXPECT_EQ(bits<ieee_half>(0x1p-24), 0x0001);
  EXPECT_EQ(bits<brain_half>(1), 0x3F80);
}

TEST(half, rounds_to_the_nearest_and_ties_to_even) {
  EXPECT_EQ(bits<ieee_half>(1 + 0x1p-11), 0x3C00);
  EXPECT_EQ(bits<ieee_half>(1 + 3 * 0x1p-11), 0x3C02);
  EXPECT_EQ(bits<ieee_half>(1 + 0x1.1p-11), 0x3C01);
  EXPECT_EQ(bits<ieee_half>(0x1p-25), 0x0000);
  EXPECT_EQ(bits<ieee_half>(0x1.8p-25), 0x0001);
  // Up into the next exponent, and from the subnormal numbers.
  EXPECT_EQ(bits<ieee_half>(2 - 0x1p-12), 0x4000);
  EXPECT_EQ(bits<ieee_half>(0x1p-14 - 0x1p-26), 0x0400);
}

TEST(half, has_infinities_and_nan) {
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(bits<ieee_half>(65519.99), 0x7BFF);
  for (auto x : {65520.0, 1e300, infinity}) {
    EXPECT_EQ(bits<ieee_half>(x), 0x7C00);
    EXPECT_EQ(bits<ieee_half>(-x), 0xFC00);
  }
  EXPECT_EQ(bits<brain_half>(1e39), 0x7F80);
  EXPECT_TRUE(std::isnan(static_cast<double>(ieee_half{std::nan("")})));
  EXPECT_EQ(static_cast<double>(ieee_half{infinity}), infinity);
}

TEST(half, comes_back_from_a_double) {
  for (std::uint32_t i = 0; i < 0x10000; ++i) {
    ieee_half x;
    x.bits = static_cast<std::uint16_t>(i);
    brain_half y;
    y.bits = x.bits;
    if (!std::isnan(static_cast<double>(x))) {
      EXPECT_EQ(ieee_half{static_cast<double>(x)}.bits, x.bits);
    }
    if (!std::isnan(static_cast<double>(y))) {
      EXPECT_EQ(brain_half{static_cast<double>(y)}.bits, y.bits);
      // By definition it is the upper half of a float32.
      EXPECT_EQ(static_cast<float>(static_cast<double>(y)),
                std::bit_cast<float>(i << 16U));
    }
  }
}

} // namespace

} // namespace troupe
