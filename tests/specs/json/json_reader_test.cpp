#include "troupe/specs/json/json.hpp"
#include "troupe/specs/json/json_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace troupe;
using namespace std::string_literals;

namespace {

/// What is wrong with a text of one line, with its column; or "".
std::string fault_of(std::string_view text) {
  try {
    json_reader in{text};
    in.finish();
    return "";
  } catch (const json_syntax_error& e) {
    std::string_view what{e.what()};
    constexpr std::string_view start = "malformed JSON: line 1, column ";
    EXPECT_TRUE(what.starts_with(start)) << what;
    return std::string{what.substr(std::min(start.size(), what.size()))};
  }
}

std::vector<json_token> tokens_of(std::string_view text) {
  std::vector<json_token> result;
  json_reader in{text};
  while (in.next() != json_token::end)
    result.push_back(in.token());
  return result;
}

std::string string_in(std::string_view text) {
  json_reader in{text};
  EXPECT_EQ(in.next(), json_token::string);
  return std::string{in.text()};
}

/// The document and the kinds of its values; or `refused`.
std::string shown(const nlohmann::json& x) {
  auto result = x.dump();
  for (auto byte : nlohmann::json::to_cbor(x))
    result += ' ' + std::to_string(byte);
  return result;
}

std::string read_by_us(const std::string& text) {
  try {
    return shown(parse_json(text));
  } catch (const json_syntax_error&) {
    return "refused";
  }
}

std::string read_by_nlohmann(const std::string& text) {
  auto x = nlohmann::json::parse(text, nullptr, false);
  return x.is_discarded() ? "refused" : shown(x);
}

} // namespace

TEST(json_reader, goes_through_a_text_token_by_token) {
  using enum json_token;
  EXPECT_EQ(
    tokens_of(R"({"a":[1,-2,2.5,"s"],"b":{},"c":true,"d":null})"),
    (std::vector{begin_object, key, begin_array, unsigned_integer, integer,
                 floating, string, end_array, key, begin_object, end_object,
                 key, boolean, key, null, end_object}));
  json_reader in{" [7]"};
  in.next();
  EXPECT_EQ(in.offset(), 1U);
  in.next();
  EXPECT_EQ(in.offset(), 2U);
  EXPECT_EQ(in.unsigned_integer(), 7U);
  in.finish();
  EXPECT_EQ(in.next(), json_token::end);
}

TEST(json_reader, passes_a_value_as_a_whole) {
  json_reader in{R"({"a":[[1,{"b":[]}],2],"c":3})"};
  in.next();
  in.next();
  in.next();
  in.skip_value();
  EXPECT_EQ(in.token(), json_token::end_array);
  EXPECT_EQ(in.next(), json_token::key);
  EXPECT_EQ(in.text(), "c");
}

TEST(json_reader, decodes_strings) {
  EXPECT_EQ(string_in(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(string_in(R"("a\u00e4\u20AC\ud83d\ude00z")"),
            "a\u00e4\u20ac\U0001F600z");
  EXPECT_EQ(string_in(R"("\u0000")"), "\0"s);
  EXPECT_EQ(string_in("\"\u00e4\x7F 12345678\""), "\u00e4\x7F 12345678");
}

TEST(json_reader, says_what_it_expected_and_what_is_there) {
  EXPECT_EQ(fault_of(""), "1: expected a value, got the end of the text");
  EXPECT_EQ(fault_of("{a:1}"), "2: expected a key in quotes, got 'a'");
  EXPECT_EQ(fault_of(R"({"a" 1})"), "6: expected ':', got '1'");
  EXPECT_EQ(fault_of(R"({"a":1 "b":2})"), "8: expected ',' or '}', got '\"'");
  EXPECT_EQ(fault_of("[1;2]"), "3: expected ',' or ']', got ';'");
  EXPECT_EQ(
    fault_of("[1,]"),
    "4: expected a value, got ']' (is there an extra comma before it?)");
  EXPECT_EQ(fault_of("[nul]"), "2: expected a value, got 'nul'");
  EXPECT_EQ(fault_of("NaN"), "1: expected a value, got 'NaN'");
  EXPECT_EQ(fault_of("1 2"), "3: expected the end of the text, got '2'");
  EXPECT_EQ(fault_of("{} \u20ac"),
            "4: expected the end of the text, got '\u20ac'");
  EXPECT_EQ(fault_of("// x"), "1: expected a value, got '/'");
  EXPECT_EQ(fault_of("-"), "2: expected a digit, got the end of the text");
  EXPECT_EQ(fault_of("[1.]"), "4: expected a digit, got ']'");
  EXPECT_EQ(fault_of("[01]"), "2: a number must not begin with 0");
}

TEST(json_reader, takes_nothing_after_a_nul) {
  EXPECT_EQ(fault_of("{\"a\":1}\0garbage"s),
            "8: expected the end of the text, got the byte 0x00");
  EXPECT_EQ(fault_of("{\"a\":1}\0"s),
            "8: expected the end of the text, got the byte 0x00");
  EXPECT_EQ(fault_of("\0"s), "1: expected a value, got the byte 0x00");
  EXPECT_EQ(fault_of("[1\0]"s), "3: expected ',' or ']', got the byte 0x00");
  EXPECT_EQ(fault_of("\"a\0b\""s),
            "3: the byte 0x00 in a string must be written as an escape");
}

TEST(json_reader, refuses_strings_that_are_no_text) {
  EXPECT_EQ(fault_of("\"ab"), "4: a string does not end");
  EXPECT_EQ(fault_of("\"a\nb\""),
            "3: the byte 0x0A in a string must be written as an escape");
  for (auto bytes : {"\x80", "\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80",
                     "\xE2\x82", "\xF8"})
    EXPECT_EQ(fault_of("\"a"s + bytes + '"'), "3: a string is not UTF-8");
  for (auto escape : {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")",
                      R"("\ud800x")", R"("\ud800\n")"})
    EXPECT_EQ(fault_of(escape), "2: a string has half of a surrogate pair");
  EXPECT_EQ(fault_of(R"("\x")"),
            "2: a backslash in a string does not begin an escape of JSON");
  EXPECT_EQ(fault_of(R"("\u12")"),
            "2: expected four hexadecimal digits after \\u");
  EXPECT_EQ(fault_of(R"("\)"), "2: a backslash in a string does not begin an "
                               "escape of JSON");
}

TEST(json_reader, keeps_integers_exact_and_knows_the_ends_of_doubles) {
  auto number = [](std::string_view text) { return shown(parse_json(text)); };
  EXPECT_EQ(parse_json("-9223372036854775809"), -9223372036854775809.0);
  EXPECT_EQ(parse_json("18446744073709551616"), 18446744073709551616.0);
  EXPECT_EQ(number("-0"), number("0"));
  EXPECT_TRUE(std::signbit(parse_json("-0.0").get<double>()));
  EXPECT_EQ(parse_json("1.7976931348623157e308"), 1.7976931348623157e308);
  EXPECT_EQ(parse_json("5e-324"), 5e-324);
  for (auto tiny : {"1e-999", "-1E-400", "0.0e999999999999999999999", "0e1",
                    "1e-99999999999999999999", "0.001e-330"})
    EXPECT_EQ(parse_json(tiny), 0.0) << tiny;
  for (auto huge : {"1e999", "-1e309", "1e99999999999999999999", "2E+308"})
    EXPECT_EQ(fault_of(huge),
              "1: the number "s + huge + " does not fit a double");
  auto long_one = std::string(100'000, '9');
  EXPECT_EQ(fault_of(long_one), "1: the number " + long_one.substr(0, 40)
                                  + "... does not fit a double");
  EXPECT_EQ(parse_json("0." + std::string(500, '0') + '1'), 0.0);
}

TEST(json_reader, never_repeats_much_of_the_text) {
  constexpr std::size_t most = 300;
  for (const auto& text :
       {std::string(1'000'000, 'x'), '"' + std::string(1'000'000, 'x'),
        "[1" + std::string(1'000'000, 'x'), std::string(1'000'000, '7') + ".5",
        '"' + std::string(1'000'000, 'x') + '\n'})
    EXPECT_LE(fault_of(text).size(), most);
}

TEST(json_reader, skips_a_whole_byte_order_mark_at_the_begin) {
  EXPECT_EQ(parse_json("\xEF\xBB\xBF[1]"), nlohmann::json::array({1}));
  EXPECT_EQ(fault_of("\xEF\xBB\xBFx"), "1: expected a value, got 'x'");
  EXPECT_EQ(fault_of("\xEF\xBB[]"), "1: expected a value, got the byte 0xEF");
  EXPECT_EQ(fault_of("[\xEF\xBB\xBF]"),
            "2: expected a value, got '\xEF\xBB\xBF'");
}

TEST(json_reader, counts_the_scalars_of_an_array_ahead) {
  auto ahead = [](std::string_view text) {
    json_reader in{text};
    in.next();
    return in.scalars_ahead();
  };
  EXPECT_EQ(ahead("[1, 2.5e3,\ntrue,null]"), 4U);
  EXPECT_EQ(ahead("[ ]"), 0U);
  EXPECT_EQ(ahead("[1,[2]]"), 0U);
  EXPECT_EQ(ahead("[1,\"a\"]"), 0U);
  EXPECT_EQ(ahead("[1,,,,]"), 0U);
  EXPECT_EQ(ahead("[1,2"), 0U);
}

TEST(json_reader, counts_the_elements_of_an_array_ahead) {
  auto ahead = [](std::string_view text) {
    json_reader in{text};
    in.next();
    return in.elements_ahead();
  };
  EXPECT_EQ(ahead("[1, 2.5e3,\ntrue,null]"), 4U);
  EXPECT_EQ(ahead(R"([{"a":[1,2],"b":{}},{},[[],[]]])"), 3U);
  EXPECT_EQ(ahead(R"(["a,b","]","\\","\",",""])"), 5U);
  EXPECT_EQ(ahead("[ ]"), 0U);
  EXPECT_EQ(ahead("[1,,,,]"), 0U);
  EXPECT_EQ(ahead("[{},{}"), 0U);
  EXPECT_EQ(ahead("[\"a"), 0U);
  EXPECT_EQ(ahead("[\"\\"), 0U);
}

TEST(json_reader, counts_the_elements_of_long_arrays_ahead) {
  // Around the blocks in which the text is looked at.
  for (std::size_t n = 1; n < 200; ++n) {
    std::string row{"[1"};
    for (std::size_t i = 1; i < n; ++i)
      row += i % 7 == 0 ? ", -2.5e3" : ",1";
    auto ahead = [](const std::string& text) {
      json_reader in{text};
      in.next();
      return std::pair{in.scalars_ahead(), in.elements_ahead()};
    };
    EXPECT_EQ(ahead(row + ']'), std::pair(n, n));
    EXPECT_EQ(ahead(row + std::string(n, ' ') + ']'), std::pair(n, n));
    EXPECT_EQ(ahead(row + ",]").first, 0U);
    EXPECT_EQ(ahead(row + ',' + std::string(n, ' ') + ']').second, 0U);
    EXPECT_EQ(ahead(row).second, 0U);
    EXPECT_EQ(ahead(row + ",,1]").first, 0U);
    EXPECT_EQ(ahead(row + ",\"]\"]"), std::pair(std::size_t{0}, n + 1));
    EXPECT_EQ(ahead('[' + row + "]," + row + "],1]").second, 3U);
  }
}

TEST(json_reader, does_not_look_ahead_again_and_again_where_arrays_are_deep) {
  json_reader in{"[[[[[1]]]]]"};
  std::size_t looked = 0;
  while (in.next() != json_token::unsigned_integer)
    looked += in.elements_ahead();
  EXPECT_EQ(looked, 4U);
}

namespace {

class small_budget : public json_budget {
public:
  bool take(std::size_t bytes) noexcept override {
    if (bytes > left)
      return false;
    left -= bytes;
    return true;
  }

  std::size_t left = 200'000;
};

} // namespace

TEST(json_reader, pays_for_what_is_charged) {
  small_budget budget;
  json_reader in{"1", {.budget = &budget}};
  in.charge(1);
  EXPECT_EQ(budget.left, 200'000U - 65'536U) << "in steps";
  in.charge(65'535);
  EXPECT_EQ(budget.left, 200'000U - 65'536U);
  in.refund_to(0);
  in.charge(65'536);
  EXPECT_EQ(budget.left, 200'000U - 65'536U) << "it is paid for";
  in.charge(100'000);
  EXPECT_THROW(in.charge(65'536), json_budget_error);
}

TEST(json_reader, comments_are_for_configs) {
  std::string_view text = "// a\r[1, /* \"2\", * / */ 3] // b";
  EXPECT_NE(fault_of(text), "");
  json_reader in{text, {}, json_dialect::commented};
  in.next();
  EXPECT_EQ(read_document(in), nlohmann::json::array({1, 3}));
  in.finish();
}

TEST(json_reader, agrees_with_nlohmann_on_texts_of_random_pieces) {
  constexpr std::array pieces{
    "{",       "}",       "[",
    "]",       ",",       ":",
    "\"a\"",   "\"b\"",   " ",
    "\n",      "1",       "-0",
    "0.5",     "-1.5e3",  "1e999",
    "1e-999",  "01",      "true",
    "nul",     "null",    "\"",
    "\\",      "\\u0041", "\\ud800",
    "\\ude00", "\xFF",    "\u00e4",
    "\\n",     "\"a\":",  "[]",
    "{}",      "[1,2]",   "e",
    ".",       "-",       "\x01",
    "false",   "E+2",     "99999999999999999999",
    "\x7F",
  };
  std::mt19937 random{7};
  auto below = [&random](std::size_t n) { return random() % n; };
  for (int i = 0; i < 30'000; ++i) {
    std::string text;
    for (auto n = 1 + below(9); n > 0; --n)
      text += pieces[below(pieces.size())];
    ASSERT_EQ(read_by_us(text), read_by_nlohmann(text)) << text;
  }
}

TEST(json_reader, agrees_with_nlohmann_on_documents_with_a_changed_byte) {
  const std::string whole =
    R"({"name":"caf\u00e9 )"
    "\u00e4\U0001F600"
    R"(","n":[0,-1,2.25,1e3,18446744073709551615],"o":{"x":null,"y":[true,)"
    R"(false,{}]},"s":"\ud83d\ude00\n"})";
  ASSERT_EQ(read_by_us(whole), read_by_nlohmann(whole));
  std::mt19937 random{7};
  for (int i = 0; i < 20'000; ++i) {
    auto text = whole;
    auto at = random() % text.size();
    // nlohmann takes a NUL for the end.
    text[at] = static_cast<char>(1 + random() % 255);
    if (random() % 4 == 0)
      text.erase(random() % text.size(), 1 + random() % 8);
    ASSERT_EQ(read_by_us(text), read_by_nlohmann(text)) << text;
  }
}
