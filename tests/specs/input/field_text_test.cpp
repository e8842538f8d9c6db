#include "troupe/specs/input/form.hpp"
#include "troupe/specs/input/validation.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>

using namespace troupe;

namespace {

struct item {
  double x = 0;
  int count = 0;
  std::string name;
  std::optional<int> weight;
  std::vector<double> points;
};
TROUPE_FIELDS(item, x, count, name, weight, points)

struct nested {
  item inner;
};
TROUPE_FIELDS(nested, inner)

/// A struct that a user reads in nlohmann's way.
struct plain {
  int a = 0;
};

void from_json(const nlohmann::json& j, plain& x) {
  j.at("a").get_to(x.a);
}

enum class color { red, green };
NLOHMANN_JSON_SERIALIZE_ENUM(color,
                             {{color::red, "red"}, {color::green, "green"}})

struct painted {
  color paint = color::red;
};
TROUPE_FIELDS(painted, paint)

template <class T>
T read(std::string_view urlencoded) {
  T result{};
  read_value(parse_urlencoded(urlencoded).document(), result);
  return result;
}

/// Says what is wrong, e.g. `["x"] type_error: expected ...`; or "".
template <class T>
std::string complaint(std::string_view urlencoded) {
  try {
    read<T>(urlencoded);
    return "";
  } catch (const validation_error& e) {
    return dump_json(e.location()) + ' ' + e.type() + ": " + e.message();
  }
}

template <class T>
T as(std::string_view text) {
  T result{};
  read_value(field_text(text), result);
  return result;
}

} // namespace

TEST(field_text, is_its_own_kind_of_value) {
  EXPECT_EQ(text_of_field(field_text("4.0")), "4.0");
  EXPECT_EQ(text_of_field(field_text("")), "");
  EXPECT_EQ(text_of_field("4.0"), std::nullopt);
  EXPECT_EQ(text_of_field(4), std::nullopt);
  EXPECT_EQ(text_of_field(nlohmann::json::binary({'4'})), std::nullopt);
}

TEST(field_text, is_what_its_reader_wants) {
  EXPECT_EQ(as<double>("4.0"), 4.0);
  EXPECT_EQ(as<float>("-1e2"), -100.F);
  EXPECT_EQ(as<int>("-7"), -7);
  EXPECT_EQ(as<std::uint64_t>("18446744073709551615"),
            std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(as<std::string>("007"), "007");
  EXPECT_EQ(as<nlohmann::json>("4"), nlohmann::json("4"));
  EXPECT_EQ(as<std::vector<int>>("4"), (std::vector{4}));
  EXPECT_EQ(as<std::optional<std::string>>(""), "");
  EXPECT_EQ(as<std::optional<int>>(""), std::nullopt);
  EXPECT_EQ(as<std::optional<int>>("3"), 3);
}

TEST(field_text, is_a_boolean_in_few_spellings) {
  for (auto text : {"true", "1", "on"})
    EXPECT_TRUE(as<bool>(text)) << text;
  for (auto text : {"false", "0", "off"})
    EXPECT_FALSE(as<bool>(text)) << text;
  for (auto text : {"", "yes", "True", "2"})
    EXPECT_THROW(as<bool>(text), validation_error) << text;
}

TEST(field_text, that_does_not_fit_is_refused_like_a_string) {
  for (auto text :
       {"", " 4", "4 ", "four", "0x4", "inf", "nan", "1e999", "+4", "4,0"})
    EXPECT_THROW(as<double>(text), validation_error) << text;
  for (auto text : {"4.0", "", "1e3", "99999999999999999999"})
    EXPECT_THROW(as<int>(text), validation_error) << text;
  EXPECT_THROW(as<std::int8_t>("200"), validation_error);
}

TEST(field_text, of_a_form_becomes_a_struct) {
  auto x = read<item>("x=4.0&count=3&name=12&points=1&points=2.5&other=7");
  EXPECT_EQ(x.x, 4.0);
  EXPECT_EQ(x.count, 3);
  EXPECT_EQ(x.name, "12");
  EXPECT_EQ(x.weight, std::nullopt);
  EXPECT_EQ(x.points, (std::vector{1.0, 2.5}));
  EXPECT_EQ(read<item>("x=1&count=1&name=&points=9&weight=").points,
            (std::vector{9.0}));
  EXPECT_EQ((read<std::map<std::string, double>>("a=1&b=2")),
            (std::map<std::string, double>{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(read<painted>("paint=green").paint, color::green);
}

TEST(field_text, is_complained_of_with_its_path) {
  EXPECT_EQ(complaint<item>("x=four"),
            R"(["x"] type_error: expected number, got string)");
  EXPECT_EQ(complaint<item>("count=1"), R"(["x"] missing: Field required)");
  EXPECT_EQ(complaint<item>("x=1&x=2"),
            R"(["x"] type_error: expected number, got array)");
  EXPECT_EQ(complaint<item>("x=1&count=1&name=a&points=1&points=b"),
            R"(["points",1] type_error: expected number, got string)");
  EXPECT_EQ(complaint<nested>("inner=1"),
            R"(["inner"] type_error: expected object, got string)");
}

TEST(field_text, says_what_to_do_to_a_from_json_that_does_not_know_it) {
  EXPECT_NE(complaint<plain>("a=1").find("read it with read_field"),
            std::string::npos);
}

TEST(field_text, leaves_the_strings_of_json_alone) {
  double x = 0;
  EXPECT_THROW(read_value(parse_json("\"4.0\""), x), validation_error);
}
