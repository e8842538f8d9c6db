#include "troupe/specs/json/json.hpp"
#include "troupe/specs/values/error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace troupe;

namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

/// The message that a client gets, or "" when the text is fine.
std::string complaint(std::string_view text,
                      std::size_t max_depth = max_json_depth) {
  try {
    parse_json(text, {max_depth});
    return "";
  } catch (const json_syntax_error& e) {
    return e.what();
  }
}

} // namespace

TEST(json, parses_every_kind_of_value) {
  auto x = parse_json(R"({"a":[1,-2,3.5,"s",true,null],"b":{}})");
  EXPECT_EQ(dump_json(x), R"({"a":[1,-2,3.5,"s",true,null],"b":{}})");
  EXPECT_EQ(parse_json(" 7 "), 7);
}

TEST(json, is_taken_down_to_the_depth_limit) {
  EXPECT_EQ(complaint(nested(max_json_depth)), "");
  EXPECT_EQ(complaint(nested(max_json_depth + 1)),
            "malformed JSON: line 1, column 101: nested deeper than 100 "
            "levels");
}

TEST(json, objects_count_for_the_depth_like_arrays) {
  EXPECT_EQ(complaint(R"({"a":[{"b":1}]})", 3), "");
  EXPECT_EQ(complaint(R"({"a":[{"b":1}]})", 2),
            "malformed JSON: line 1, column 7: nested deeper than 2 levels");
}

TEST(json, what_stands_beside_each_other_is_not_deep) {
  EXPECT_EQ(complaint("[[],{},[],[{}],{}]", 3), "");
}

TEST(json, a_tower_of_brackets_is_refused_and_not_built) {
  auto deep = "malformed JSON: line 1, column 101: nested deeper than 100 "
              "levels";
  EXPECT_EQ(complaint(std::string(200'000, '[')), deep);
  std::string objects;
  for (int i = 0; i < 200'000; ++i)
    objects += R"({"a":)";
  EXPECT_TRUE(complaint(objects).ends_with("deeper than 100 levels"));
}

TEST(json, messages_name_the_place_and_not_the_library) {
  auto text = complaint("{\"a\":\n 1,}");
  EXPECT_TRUE(text.starts_with("malformed JSON: ")) << text;
  EXPECT_NE(text.find("line 2, column 4"), std::string::npos) << text;
  EXPECT_EQ(text.find("json.exception"), std::string::npos) << text;
}

TEST(json, refuses_anything_but_a_single_document) {
  for (auto text : {"", " ", "{", "[1", "1 2", "{} x", "'a'", "nul", "[1,]",
                    "{a:1}", "// x\n1", "NaN", "01", "\"\xFF\"", "1e999"})
    EXPECT_NE(complaint(text), "") << text;
}

TEST(json, takes_the_last_value_of_a_repeated_key) {
  EXPECT_EQ(dump_json(parse_json(R"({"a":{"b":1},"a":2,"c":3})")),
            R"({"a":2,"c":3})");
}

TEST(json, that_takes_more_memory_than_allowed_is_refused_as_it_is_read) {
  json_limits limits{.max_memory = 10'000};
  auto numbers = [](std::size_t n) {
    std::string result{"[0"};
    for (std::size_t i = 1; i < n; ++i)
      result += ",0";
    return result + ']';
  };
  EXPECT_EQ(parse_json(numbers(600), limits).size(), 600U);
  for (const auto& text :
       {numbers(700), '[' + std::string(10'000, ' ') + "\""
                        + std::string(10'000, 'a') + "\"]"}) {
    try {
      parse_json(text, limits);
      FAIL() << text;
    } catch (const json_memory_error& e) {
      EXPECT_STREQ(e.what(),
                   "the JSON text takes more than 10000 bytes when it is read; "
                   "send less at once, or raise the server's "
                   "max_json_memory_bytes");
    }
  }
}

TEST(json, large_integers_stay_exact) {
  EXPECT_EQ(dump_json(parse_json("18446744073709551615")),
            "18446744073709551615");
  EXPECT_EQ(dump_json(parse_json("-9223372036854775808")),
            "-9223372036854775808");
}

TEST(json, bytes_that_are_no_utf8_become_a_replacement_character) {
  EXPECT_EQ(dump_json("a\xFF\xC3(z"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD(z\"");
  EXPECT_EQ(dump_json("\xC3\xA4"), "\"\xC3\xA4\"");
}

TEST(json, numbers_that_json_does_not_have_become_null) {
  auto inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(dump_json({std::nan(""), inf, -inf, 0.5}), "[null,null,null,0.5]");
}

TEST(json, is_appended_to_what_is_there) {
  std::string out = "data: ";
  dump_json_to(out, {{"a", 1}});
  dump_json_to(out, nullptr);
  EXPECT_EQ(out, "data: {\"a\":1}null");
}

TEST(json, types_have_the_names_of_the_standard) {
  EXPECT_EQ(type_name(1), "number");
  EXPECT_EQ(type_name(1.5), "number");
  EXPECT_EQ(type_name("a"), "string");
  EXPECT_EQ(type_name(true), "boolean");
  EXPECT_EQ(type_name(nullptr), "null");
  EXPECT_EQ(type_name(nlohmann::json::array()), "array");
  EXPECT_EQ(type_name(nlohmann::json::object()), "object");
}

TEST(dump_json, writes_nothing_that_is_nested_too_deeply) {
  auto deep = [](int n) {
    nlohmann::json result = "x";
    for (int i = 0; i < n; ++i) {
      auto outer = nlohmann::json::array();
      outer.push_back(std::move(result));
      result = std::move(outer);
    }
    return result;
  };
  EXPECT_EQ(dump_json(deep(1'000)).size(), 2'003u);
  EXPECT_THROW(dump_json(deep(1'001)), std::domain_error);
  EXPECT_THROW(dump_json(deep(200'000)), std::domain_error);
  EXPECT_TRUE(nested_deeper(deep(3), 2));
  EXPECT_FALSE(nested_deeper(deep(3), 3));
  EXPECT_FALSE(nested_deeper("x", 0));
}
