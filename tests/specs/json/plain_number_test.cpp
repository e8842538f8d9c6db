#include "troupe/specs/input/json_value.hpp"
#include "troupe/specs/json/json_text.hpp"
#include "troupe/specs/json/plain_number.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace troupe;

namespace {

using number_kind = json_text::plain_number::kind;

json_text::plain_number plain(std::string_view text) {
  return json_text::read_plain_number(text.data(), text.data() + text.size());
}

std::uint64_t bits_of(double x) {
  return std::bit_cast<std::uint64_t>(x);
}

/// What reading a `T` says of a text: its value, written, or its error.
template <class T>
std::string typed(const std::string& text) {
  try {
    T x{};
    read_json(text, x);
    return dump_json(x);
  } catch (const validation_error& e) {
    return e.what();
  } catch (const json_syntax_error& e) {
    return e.what();
  }
}

/// The same by way of a document.
template <class T>
std::string by_document(const std::string& text) {
  try {
    T x{};
    read_value(parse_json(text), x);
    return dump_json(x);
  } catch (const validation_error& e) {
    return e.what();
  } catch (const json_syntax_error& e) {
    return e.what();
  }
}

const std::vector<std::string> odd_numbers{"0",
                                           "-0",
                                           "0.0",
                                           "-0.0",
                                           "00",
                                           "01",
                                           "-",
                                           "-a",
                                           "+1",
                                           ".5",
                                           "5.",
                                           "5.e3",
                                           "1e",
                                           "1e+",
                                           "1E-",
                                           "1e5",
                                           "1E+05",
                                           "1.5e5e5",
                                           "1.2.3",
                                           "0x10",
                                           "1_0",
                                           "NaN",
                                           "-Infinity",
                                           "inf",
                                           "1e400",
                                           "-1e400",
                                           "1e-400",
                                           "-1e-400",
                                           "1e308",
                                           "2e308",
                                           "4.9e-324",
                                           "2e-324",
                                           "3.4028235e38",
                                           "3.4028234663852886e38",
                                           "3.4028236e38",
                                           "-3.5e38",
                                           "127",
                                           "128",
                                           "-128",
                                           "-129",
                                           "255",
                                           "256",
                                           "2147483647",
                                           "2147483648",
                                           "9007199254740993",
                                           "9007199254740993.0",
                                           "999999999999999999",
                                           "1000000000000000000",
                                           "9223372036854775807",
                                           "-9223372036854775808",
                                           "-9223372036854775809",
                                           "18446744073709551615",
                                           "18446744073709551616",
                                           "0.1234567",
                                           "0.12345678",
                                           "0.123456789",
                                           "0.12345678901234567",
                                           "0.123456789012345678",
                                           "0.1234567890123456789",
                                           "1234567890.12345678",
                                           "0.000000000000000001",
                                           "0.0000000000000000001",
                                           "123456789012345678901234567890",
                                           "1,",
                                           "1,,2",
                                           "1 2",
                                           "1 , 2",
                                           "1,  2",
                                           "1,\n2",
                                           "1,\t-2.5",
                                           "1, 2]",
                                           "1}",
                                           "true",
                                           "null",
                                           "\"1\"",
                                           "[1]",
                                           "[1",
                                           "{}",
                                           "1\"",
                                           "1/",
                                           "1,/*a*/2",
                                           std::string{"1\0", 2},
                                           std::string{"1,\0", 3},
                                           "0.12345678\x80",
                                           "0.1234567/",
                                           "0.1234567:",
                                           "12345678.",
                                           "1.12345678e5"};

} // namespace

TEST(plain_number, is_what_from_chars_says) {
  std::mt19937_64 random{7};
  constexpr std::string_view characters = "0123456789000999.eE+-";
  auto read = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string text;
    for (auto n = random() % 24; n > 0; --n)
      text += characters[random() % (n % 3 == 0 ? characters.size() : 17)];
    auto x = plain(text);
    if (x.form == number_kind::other)
      continue;
    ++read;
    std::string_view taken{text.data(),
                           static_cast<std::size_t>(x.end - text.data())};
    auto expected = json_text::to_double(taken);
    ASSERT_TRUE(expected) << text;
    if (x.form == number_kind::floating) {
      ASSERT_EQ(bits_of(x.floating), bits_of(*expected)) << text;
    } else if (x.form == number_kind::integer) {
      ASSERT_EQ(std::to_string(x.integer), taken == "-0" ? "0" : taken);
    } else {
      ASSERT_EQ(std::to_string(x.unsigned_integer), taken);
    }
  }
  EXPECT_GT(read, 30'000);
}

TEST(plain_number, leaves_to_others_what_needs_a_closer_look) {
  for (const auto* text :
       {"", "-", "01", "-01", "5.", "5.e3", ".5", "1e", "1e+", "1.5e", "1e400",
        "1e-400", "1000000000000000000", "x", " 1"})
    EXPECT_EQ(plain(text).form, number_kind::other) << text;
}

TEST(plain_number, is_the_same_in_an_array_and_behind_other_elements) {
  for (const auto& x : odd_numbers)
    for (const auto& text :
         {'[' + x + ']', "[1," + x + ']', "[1, " + x + ']', "[1,  " + x + ",2]",
          "[" + x + " ,2]", "[0.25,0.5," + x + "]", "[1," + x}) {
      EXPECT_EQ(typed<std::vector<double>>(text),
                by_document<std::vector<double>>(text))
        << text;
      EXPECT_EQ(typed<std::vector<float>>(text),
                by_document<std::vector<float>>(text))
        << text;
      EXPECT_EQ(typed<std::vector<int>>(text),
                by_document<std::vector<int>>(text))
        << text;
      EXPECT_EQ(typed<std::vector<std::uint64_t>>(text),
                by_document<std::vector<std::uint64_t>>(text))
        << text;
    }
}

TEST(plain_number, stands_where_the_general_way_sees_it) {
  auto numbers = [](std::string_view text) {
    std::vector<std::string> result;
    try {
      json_reader in{text};
      while (in.next() != json_token::end)
        if (is_number(in.token()))
          result.push_back(std::to_string(in.offset()) + ' '
                           + std::to_string(in.number()));
    } catch (const json_syntax_error& e) {
      result.emplace_back(e.reason());
    }
    return result;
  };
  EXPECT_EQ(
    numbers("[1, 2.5,-3]"),
    (std::vector<std::string>{"1 1.000000", "4 2.500000", "8 -3.000000"}));
  EXPECT_EQ(
    numbers("[1,\n 2.5,  -3]"),
    (std::vector<std::string>{"1 1.000000", "5 2.500000", "11 -3.000000"}));
  EXPECT_EQ(numbers("[1,2 3]").back(), "expected ',' or ']', got '3'");
  EXPECT_EQ(numbers("[1,01]").back(), "a number must not begin with 0");
  EXPECT_EQ(numbers(R"({"a":1,2:3})").back(),
            "expected a key in quotes, got '2'");
}
