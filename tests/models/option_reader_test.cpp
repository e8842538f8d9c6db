#include "troupe/models/option_reader.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using nlohmann::json;

/// Reads `a`, 1 to 9, and `b`. @returns where and what is wrong.
std::string read(const json& options, int& a) {
  bool b = false;
  try {
    option_reader{options}.read_between("a", a, 1, 9).read("b", b).done();
    return "";
  } catch (const model_config_error& e) {
    return e.where() + ": " + e.what();
  }
}

} // namespace

TEST(option_reader, leaves_what_is_missing_as_it_is) {
  int a = 5;
  EXPECT_EQ(read({{"b", true}}, a), "");
  EXPECT_EQ(a, 5);
  EXPECT_EQ(read({{"a", 9}}, a), "");
  EXPECT_EQ(a, 9);
}

TEST(option_reader, refuses_what_it_does_not_know) {
  int a = 5;
  EXPECT_EQ(read({{"c", 1}}, a),
            R"(options.c: unknown option "c", did you mean "a"?)");
  EXPECT_EQ(read({{"colour", 1}}, a),
            R"(options.colour: unknown option "colour"; known here: "a", "b")");
  EXPECT_EQ(read(json::array(), a), "options: expected object, got array");
}

TEST(option_reader, says_where_an_inner_object_stands) {
  const json tool = {{"name", 1}};
  std::string name;
  try {
    option_reader{tool, "options.tools.0"}.read("name", name);
    FAIL();
  } catch (const model_config_error& e) {
    EXPECT_EQ(e.where(), "options.tools.0.name");
  }
  const json none = {{"name", "x"}};
  try {
    option_reader{none}.done();
    FAIL();
  } catch (const model_config_error& e) {
    EXPECT_STREQ(e.what(), R"(unknown option "name"; there are none here)");
  }
}

TEST(option_reader, refuses_wrong_types_and_ranges) {
  int a = 5;
  EXPECT_EQ(read({{"a", 10}}, a), "options.a: expected 1 to 9, got 10");
  EXPECT_EQ(read({{"a", "x"}}, a), "options.a: expected integer, got string");
  EXPECT_EQ(read({{"b", 1}}, a), "options.b: expected boolean, got number");
}

} // namespace troupe
