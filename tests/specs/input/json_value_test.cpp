#include "troupe/specs/input/json_value.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

using namespace troupe;

namespace {

struct pixel {
  std::uint8_t value = 0;
  std::optional<std::string> label;
};
TROUPE_FIELDS(pixel, value, label)

/// Every sort of member.
struct item_of_all {
  double number = 0;
  float small = 0;
  std::string text;
  bool flag = false;
  std::int64_t integer = 0;
  std::optional<int> maybe;
  std::vector<float> floats;
  std::vector<std::vector<pixel>> pixels;
  std::array<int, 2> pair{};
  std::map<std::string, pixel> named;
  nlohmann::json anything;
};
TROUPE_FIELDS(item_of_all, number, small, text, flag, integer, maybe, floats,
              pixels, pair, named, anything)

/// Has a `from_json` of its own, though what it derives from has fields.
struct own_pixel : pixel {};

void from_json(const nlohmann::json& j, own_pixel& x) {
  x.value = static_cast<std::uint8_t>(2 * j.at("v").get<int>());
}

constexpr auto whole = R"({"number":1,"small":0.5,"text":"\u00e4","flag":true,
  "integer":-7,"maybe":null,"floats":[1,2.5,-3],"pixels":[[{"value":1},
  {"label":"a","value":2,"other":[1,{}]}],[]],"pair":[1,2],
  "named":{"x":{"value":3}},"anything":{"a":[1,"b"]}})";

template <class T>
std::string outcome_of(T&& read) {
  try {
    return read();
  } catch (const validation_error& e) {
    return dump_json(e.location()) + ' ' + e.type() + ": " + e.message();
  } catch (const json_syntax_error& e) {
    return e.what();
  }
}

template <class T>
std::string from_text(std::string_view text) {
  return outcome_of([&] {
    T x{};
    read_json(text, x);
    return dump_json(nlohmann::json(x));
  });
}

template <class T>
std::string from_document(std::string_view text) {
  return outcome_of([&] {
    T x{};
    read_value(parse_json(text), x);
    return dump_json(nlohmann::json(x));
  });
}

/// As it comes from the text; the same as through a document.
template <class T>
std::string either_way(std::string_view text) {
  auto result = from_text<T>(text);
  EXPECT_EQ(result, from_document<T>(text)) << text;
  return result;
}

} // namespace

TEST(json_value, is_read_from_text_as_from_a_document) {
  auto x = either_way<item_of_all>(whole);
  EXPECT_EQ(nlohmann::json::parse(x)["pixels"][0][1]["label"], "a") << x;
  EXPECT_EQ(either_way<std::vector<float>>("[1,2]"), "[1.0,2.0]");
  EXPECT_EQ(either_way<double>("2"), "2.0");
  EXPECT_EQ(either_way<nlohmann::json>("{\"a\":[]}"), "{\"a\":[]}");
}

TEST(json_value, of_the_wrong_shape_is_refused_in_the_same_words) {
  using map = std::map<std::string, int>;
  using pair = std::array<int, 2>;
  EXPECT_EQ(either_way<double>("\"1\""),
            "[] type_error: expected number, got string");
  EXPECT_EQ(either_way<int>("1.5"),
            "[] type_error: expected integer, got number");
  EXPECT_EQ(either_way<int>("1e20"),
            "[] type_error: expected integer, got number");
  EXPECT_EQ(either_way<std::uint8_t>("-1"),
            "[] value_error: expected an integer from 0 to 255");
  EXPECT_EQ(either_way<std::int8_t>("4294967297"),
            "[] value_error: expected an integer from -128 to 127");
  EXPECT_EQ(either_way<float>("1e300"),
            "[] value_error: expected a number that fits a 32-bit float");
  EXPECT_EQ(either_way<bool>("0"),
            "[] type_error: expected boolean, got number");
  EXPECT_EQ(either_way<std::string>("null"),
            "[] type_error: expected string, got null");
  EXPECT_EQ(either_way<pixel>("[]"),
            "[] type_error: expected object, got array");
  EXPECT_EQ(either_way<pixel>("{\"label\":\"a\"}"),
            "[\"value\"] missing: Field required");
  EXPECT_EQ(either_way<std::vector<pixel>>("[{\"value\":1},{\"value\":[]}]"),
            "[1,\"value\"] type_error: expected integer, got array");
  EXPECT_EQ(either_way<std::vector<int>>("{}"),
            "[] type_error: expected array, got object");
  EXPECT_EQ(either_way<map>("{\"a\":1,\"b\":null}"),
            "[\"b\"] type_error: expected integer, got null");
  EXPECT_EQ(either_way<pair>("[1]"),
            "[] value_error: expected 2 elements, got 1");
  EXPECT_EQ(from_text<pair>("[1,2,[3],4]"),
            "[] value_error: expected 2 elements, got 4");
  EXPECT_EQ(either_way<pair>("[]"),
            "[] value_error: expected 2 elements, got 0");
}

TEST(json_value, with_two_faults_is_refused_for_the_first_in_the_text) {
  EXPECT_EQ(from_text<pixel>(R"({"label":1,"value":2000})"),
            "[\"label\"] type_error: expected string, got number");
}

TEST(json_value, with_a_fault_of_syntax_is_refused_for_that) {
  EXPECT_EQ(either_way<pixel>("{\"value\":\"x\",}"),
            "malformed JSON: line 1, column 14: expected a key in quotes, got "
            "'}' (is there an extra comma before it?)");
  EXPECT_EQ(either_way<int>("7 8"), "malformed JSON: line 1, column 3: "
                                    "expected the end of the text, got '8'");
}

TEST(json_value, takes_the_last_value_of_a_repeated_key) {
  EXPECT_EQ(either_way<pixel>(R"({"value":1,"label":"a","value":2})"),
            R"({"label":"a","value":2})");
  using lists = std::map<std::string, std::map<std::string, int>>;
  EXPECT_EQ(either_way<lists>(R"({"a":{"x":1},"a":{"y":2}})"),
            R"({"a":{"y":2}})");
}

TEST(json_value, a_type_with_its_own_reader_gets_a_document) {
  own_pixel x;
  read_json(R"({"v":4,"value":1})", x);
  EXPECT_EQ(x.value, 8);
  std::vector<own_pixel> xs;
  try {
    read_json(R"([{"v":4},{"w":1}])", xs);
    FAIL();
  } catch (const validation_error& e) {
    EXPECT_EQ(dump_json(e.location()), R"([1,"v"])");
  }
}
