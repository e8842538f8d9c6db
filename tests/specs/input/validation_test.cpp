#include "troupe/specs/input/validation.hpp"

#include <gtest/gtest.h>

#include <cstdint>

using namespace troupe;

namespace {

struct point {
  double x = 0;
};
TROUPE_FIELDS(point, x)

struct weighted {
  double x = 0;
  std::optional<int> weight;
};

void from_json(const nlohmann::json& j, weighted& out) {
  read_field(j, "x", out.x);
  read_field(j, "weight", out.weight);
}

struct shape {
  std::string name;
  std::vector<point> points;
};
TROUPE_FIELDS(shape, name, points)

struct body {
  shape input;
};
TROUPE_FIELDS(body, input)

/// A struct that a user reads in nlohmann's way.
struct by_nlohmann {
  int a = 0;
};

void from_json(const nlohmann::json& j, by_nlohmann& x) {
  j.at("a").get_to(x.a);
}

/// Counts its default constructions.
struct counted {
  counted() {
    ++made;
  }
  static inline std::size_t made = 0;
  std::string text;
};
TROUPE_FIELDS(counted, text)

template <class T>
T read_text(std::string_view text) {
  T result{};
  read_value(parse_json(text), result);
  return result;
}

/// Says what is wrong, e.g. `["points",3] type_error: expected ...`; or "".
template <class T>
std::string complaint_on(std::string_view text) {
  try {
    read_text<T>(text);
    return "";
  } catch (const validation_error& e) {
    return dump_json(e.location()) + ' ' + e.type() + ": " + e.message();
  }
}

} // namespace

TEST(validation, reads_values_of_every_type) {
  EXPECT_EQ(read_text<nlohmann::json>("[1]").dump(), "[1]");
  EXPECT_EQ(read_text<bool>("true"), true);
  EXPECT_EQ(read_text<int>("-3"), -3);
  EXPECT_EQ(read_text<double>("2"), 2.0);
  EXPECT_EQ(read_text<float>("2.5"), 2.5F);
  EXPECT_EQ(read_text<std::string>("\"a\""), "a");
  EXPECT_EQ(read_text<std::vector<int>>("[1,2]"), (std::vector{1, 2}));
  EXPECT_EQ((read_text<std::array<int, 2>>("[1,2]")), (std::array{1, 2}));
  EXPECT_EQ((read_text<std::map<std::string, int>>(R"({"a":1})")),
            (std::map<std::string, int>{{"a", 1}}));
  EXPECT_EQ(read_text<std::vector<bool>>("[true,false]"),
            (std::vector<bool>{true, false}));
}

TEST(validation, names_the_type_that_it_expected_and_the_one_it_got) {
  EXPECT_EQ(complaint_on<bool>("1"),
            "[] type_error: expected boolean, got number");
  EXPECT_EQ(complaint_on<int>("\"1\""),
            "[] type_error: expected integer, got string");
  EXPECT_EQ(complaint_on<int>("1.0"),
            "[] type_error: expected integer, got number");
  EXPECT_EQ(complaint_on<int>("true"),
            "[] type_error: expected integer, got boolean");
  EXPECT_EQ(complaint_on<double>("null"),
            "[] type_error: expected number, got null");
  EXPECT_EQ(complaint_on<std::string>("[]"),
            "[] type_error: expected string, got array");
  EXPECT_EQ(complaint_on<std::vector<int>>("{}"),
            "[] type_error: expected array, got object");
  EXPECT_EQ((complaint_on<std::map<std::string, int>>("[]")),
            "[] type_error: expected object, got array");
  EXPECT_EQ(complaint_on<point>("[]"),
            "[] type_error: expected object, got array");
}

TEST(validation, integers_never_wrap) {
  EXPECT_EQ(read_text<std::uint8_t>("255"), 255);
  EXPECT_EQ(read_text<std::int8_t>("-128"), -128);
  EXPECT_EQ(read_text<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(read_text<std::int64_t>("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(complaint_on<std::uint8_t>("256"),
            "[] value_error: expected an integer from 0 to 255");
  EXPECT_EQ(complaint_on<std::int8_t>("-129"),
            "[] value_error: expected an integer from -128 to 127");
  EXPECT_NE(complaint_on<std::uint32_t>("4294967297"), "");
  EXPECT_NE(complaint_on<unsigned>("-1"), "");
  EXPECT_NE(complaint_on<std::uint64_t>("-1"), "");
  EXPECT_NE(complaint_on<std::int64_t>("9223372036854775808"), "");
  // Too large for any integer: JSON makes it a floating point number.
  EXPECT_NE(complaint_on<std::uint64_t>("18446744073709551616"), "");
}

TEST(validation, an_array_of_fixed_size_takes_that_many) {
  EXPECT_EQ((complaint_on<std::array<int, 2>>("[1]")),
            "[] value_error: expected 2 elements, got 1");
  EXPECT_NE((complaint_on<std::array<int, 2>>("[1,2,3]")), "");
}

TEST(validation, a_bad_element_costs_nothing_for_those_after_it) {
  nlohmann::json many(1000, 0);
  many[0] = {{"text", "a"}};
  std::vector<counted> out;
  counted::made = 0;
  EXPECT_THROW(read_value(many, out), validation_error);
  EXPECT_EQ(counted::made, 2U);
  EXPECT_EQ(out.size(), 1U);
}

TEST(validation, reading_replaces_what_a_vector_had) {
  std::vector<int> x{7, 8, 9};
  read_value(parse_json("[1]"), x);
  EXPECT_EQ(x, std::vector{1});
}

TEST(validation, an_optional_takes_null) {
  EXPECT_EQ(read_text<std::optional<int>>("null"), std::nullopt);
  EXPECT_EQ(read_text<std::optional<int>>("1"), 1);
  EXPECT_EQ(complaint_on<std::optional<int>>("\"a\""),
            "[] type_error: expected integer, got string");
}

TEST(validation, the_location_leads_through_nested_structs) {
  EXPECT_EQ(
    complaint_on<body>(
      R"({"input":{"name":"n","points":[{"x":0},{"x":1},{"x":2},{"x":"3"}]}})"),
    R"(["input","points",3,"x"] type_error: expected number, got string)");
  EXPECT_EQ((complaint_on<std::map<std::string, std::vector<int>>>(
              R"({"a":[1],"b":[1,null]})")),
            R"(["b",1] type_error: expected integer, got null)");
}

TEST(validation, a_missing_field_is_named) {
  EXPECT_EQ(complaint_on<body>(R"({"input":{"name":"n"}})"),
            R"(["input","points"] missing: Field required)");
  EXPECT_EQ(complaint_on<body>("{}"), R"(["input"] missing: Field required)");
}

TEST(validation, an_optional_field_may_be_missing_or_null) {
  EXPECT_EQ(read_text<weighted>(R"({"x":1})").weight, std::nullopt);
  EXPECT_EQ(read_text<weighted>(R"({"x":1,"weight":null})").weight,
            std::nullopt);
  EXPECT_EQ(read_text<weighted>(R"({"x":1,"weight":2})").weight, 2);
  weighted x{1, 5};
  read_value(parse_json(R"({"x":1})"), x);
  EXPECT_EQ(x.weight, std::nullopt);
}

TEST(validation, structs_go_to_json_again) {
  body x;
  x.input.name = "n";
  EXPECT_EQ(dump_json(nlohmann::json(x)),
            R"({"input":{"name":"n","points":[]}})");
}

TEST(validation, what_nlohmann_throws_is_said_in_our_words) {
  EXPECT_EQ(read_text<by_nlohmann>(R"({"a":3})").a, 3);
  EXPECT_EQ(complaint_on<by_nlohmann>("{}"),
            R"(["a"] missing: Field required)");
  auto text = complaint_on<by_nlohmann>(R"({"a":"x"})");
  EXPECT_TRUE(text.starts_with("[] type_error: ")) << text;
  EXPECT_EQ(text.find("json.exception"), std::string::npos) << text;
}

TEST(validation, a_field_that_may_be_absent_keeps_its_value) {
  int x = 7;
  EXPECT_FALSE(read_field_if(parse_json("{}"), "x", x));
  EXPECT_EQ(x, 7);
  EXPECT_TRUE(read_field_if(parse_json(R"({"x":1})"), "x", x));
  EXPECT_EQ(x, 1);
  EXPECT_THROW(read_field_if(parse_json(R"({"x":"1"})"), "x", x),
               validation_error);
  EXPECT_THROW(read_field_if(parse_json("[]"), "x", x), validation_error);
}

TEST(validation, becomes_a_422_that_clients_of_fastapi_know) {
  validation_error e{"missing", "Field required"};
  e.prepend(3);
  e.prepend("points");
  EXPECT_STREQ(e.what(), "Field required");
  auto why = e.to_failure();
  EXPECT_EQ(why.code, errc::unprocessable);
  EXPECT_EQ(
    dump_json(why.effective_detail()),
    R"([{"loc":["body","points",3],"msg":"Field required","type":"missing"}])");
}
