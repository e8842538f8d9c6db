#include "troupe/specs/json/json.hpp"
#include "troupe/specs/json/number_text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

using namespace troupe;

namespace {

std::string written(double x) {
  std::array<char, json_text::most_number_bytes> text{};
  return {text.data(), json_text::write_number(text.data(), x)};
}

/// How many digits there are, without zeros around them.
std::size_t digits_of(const std::string& text) {
  std::string result;
  for (auto c : text.substr(0, text.find('e')))
    if (c >= '0' && c <= '9' && (c != '0' || !result.empty()))
      result += c;
  return result.find_last_not_of('0') + 1;
}

void expect_shortest(double x) {
  auto text = written(x);
  ASSERT_EQ(std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)),
            std::bit_cast<std::uint64_t>(x))
    << text;
  std::array<char, 40> other{};
  auto* end = std::to_chars(other.data(), other.data() + other.size(), x,
                            std::chars_format::scientific)
                .ptr;
  auto least = digits_of({other.data(), end});
  // nlohmann's way, for what has an exponent, is not always the shortest.
  if (text.find('e') == std::string::npos) {
    ASSERT_EQ(digits_of(text), least) << text;
  }
  ASSERT_NE(text.find_first_of(".e"), std::string::npos) << text;
}

} // namespace

TEST(number_text, has_the_form_that_it_always_had) {
  EXPECT_EQ(written(0.0), "0.0");
  EXPECT_EQ(written(-0.0), "-0.0");
  EXPECT_EQ(written(1), "1.0");
  EXPECT_EQ(written(-10), "-10.0");
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(-0.25), "-0.25");
  EXPECT_EQ(written(0.0001), "0.0001");
  EXPECT_EQ(written(0.00012), "0.00012");
  EXPECT_EQ(written(0.00001), "1e-05");
  EXPECT_EQ(written(123456.789), "123456.789");
  EXPECT_EQ(written(999999999999999), "999999999999999.0");
  EXPECT_EQ(written(1e15), "1e+15");
  EXPECT_EQ(written(1e20), "1e+20");
  EXPECT_EQ(written(0.1F), "0.10000000149011612");
  EXPECT_EQ(written(std::numeric_limits<double>::max()),
            "1.7976931348623157e+308");
  EXPECT_EQ(written(std::numeric_limits<double>::denorm_min()), "5e-324");
}

TEST(number_text, agrees_with_nlohmann_on_numbers_of_few_digits) {
  std::mt19937_64 random{3};
  auto longer = 0;
  for (int i = 0; i < 100'000; ++i) {
    auto x = static_cast<double>(random() % 1'000'000'000)
             / std::pow(10, static_cast<double>(random() % 16));
    auto text = written(x);
    auto other = nlohmann::json(x).dump();
    // Its digits are not always the fewest.
    if (digits_of(text) == digits_of(other)) {
      ASSERT_EQ(text, other);
    } else {
      ++longer;
      ASSERT_LT(digits_of(text), digits_of(other));
    }
  }
  EXPECT_LT(longer, 1'000);
}

TEST(number_text, is_read_back_as_the_same_and_has_the_fewest_digits) {
  std::mt19937_64 random{5};
  std::uniform_real_distribution<double> even{-1, 1};
  for (int i = 0; i < 100'000; ++i) {
    expect_shortest(even(random));
    expect_shortest(static_cast<float>(even(random)));
    expect_shortest(even(random) * 1e12);
    auto any = std::bit_cast<double>(random());
    if (std::isfinite(any))
      expect_shortest(any);
  }
  for (int e = -20; e < 22; ++e) {
    auto power = std::pow(10, e);
    expect_shortest(power);
    expect_shortest(std::nextafter(power, 0));
    expect_shortest(std::nextafter(power, 1e300));
  }
}
