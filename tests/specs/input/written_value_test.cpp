#include "troupe/specs/input/written_value.hpp"
#include "troupe/specs/json/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <vector>

namespace troupe {

namespace {

using nlohmann::json;

constexpr auto nan = std::numeric_limits<double>::quiet_NaN();

struct wp_point {
  double y = 0;
  float x = 0;
};
TROUPE_FIELDS(wp_point, y, x)

/// Has a `to_json` of its own.
struct wp_colour {
  int red = 0;
};

void to_json(json& j, const wp_colour& x) {
  j = json{{"rgb", json::array({x.red, 0, 0})}};
}

void from_json(const json& j, wp_colour& x) {
  j.at("rgb").at(0).get_to(x.red);
}

enum class wp_kind { first, second };

struct wp_everything {
  std::string text = {};
  std::vector<wp_point> points = {};
  std::array<int, 2> pair = {};
  std::map<std::string, std::vector<bool>> flags = {};
  std::map<std::string, int, std::greater<>> reversed = {};
  std::optional<std::string> note = {};
  std::optional<int> number = {};
  json any = {};
  wp_colour colour = {};
  wp_kind kind = wp_kind::first;
  std::uint64_t large = 0;
  std::int8_t small = 0;
  bool flag = false;
};
TROUPE_FIELDS(wp_everything, text, points, pair, flags, reversed, note, number,
              any, colour, kind, large, small, flag)

struct wp_tree {
  std::vector<wp_tree> below = {};
};
TROUPE_FIELDS(wp_tree, below)

wp_tree nested(std::size_t levels) {
  wp_tree result;
  for (std::size_t i = 1; i < levels; ++i) {
    wp_tree next;
    next.below.push_back(std::move(result));
    result = std::move(next);
  }
  return result;
}

template <class T>
std::string written(const T& x) {
  std::string result;
  write_json(result, x);
  return result;
}

/// What the same value gives on the way through a document.
template <class T>
std::string by_document(const T& x) {
  return dump_json(json(x));
}

template <class T>
std::string refusal_of(const T& x) {
  try {
    written(x);
  } catch (const std::domain_error& e) {
    return e.what();
  }
  return {};
}

TEST(written_value, is_what_its_document_would_be) {
  wp_everything x;
  x.text = "a \"quoted\" line\n\xff and \xc3\xa9";
  x.points = {{1.5, 0.1F}, {-0.0, 1e30F}, {1e-7, 3}};
  x.pair = {-1, 2};
  x.flags = {{"b", {true, false}}, {"a", {}}, {"\"", {true}}};
  x.reversed = {{"a", 1}, {"b", 2}};
  x.note = "here";
  x.any = {{"z", {1, 2.5, nullptr}}, {"a", json::object()}};
  x.colour = {7};
  x.kind = wp_kind::second;
  x.large = std::numeric_limits<std::uint64_t>::max();
  x.small = -128;
  x.flag = true;
  EXPECT_EQ(written(x), by_document(x));
  x.note.reset();
  x.number = 0;
  x.points.clear();
  EXPECT_EQ(written(x), by_document(x));
  EXPECT_EQ(written(wp_everything{}), by_document(wp_everything{}));
}

TEST(written_value, may_be_no_struct) {
  EXPECT_EQ(written(std::vector<float>{1, 0.5F}), "[1.0,0.5]");
  EXPECT_EQ(written(std::vector<std::uint8_t>{1, 2}), "[1,2]");
  EXPECT_EQ(written(std::string{"a"}), "\"a\"");
  EXPECT_EQ(written(3), "3");
  EXPECT_EQ(written(true), "true");
  EXPECT_EQ(written(std::map<std::string, int>{}), "{}");
}

TEST(written_value, comes_behind_what_is_there) {
  std::string text{"data: "};
  write_json(text, std::vector<int>{1});
  EXPECT_EQ(text, "data: [1]");
}

TEST(written_value, is_longer_than_any_buffer) {
  std::vector<wp_point> x(5'000, wp_point{0.25, 4});
  EXPECT_EQ(written(x), by_document(x));
  std::vector<std::string> texts(3, std::string(2'000, 'x'));
  texts[1] += '\n';
  EXPECT_EQ(written(texts), by_document(texts));
}

TEST(written_value, with_a_number_that_json_has_not_is_refused_by_its_place) {
  wp_everything x;
  x.points = {{1, 2}, {nan, 2}};
  EXPECT_NE(refusal_of(x).find("/points/1/y"), std::string::npos)
    << refusal_of(x);
  x.points.clear();
  x.any = {{"deep", {1, nan}}};
  EXPECT_NE(refusal_of(x).find("/any/deep/1"), std::string::npos)
    << refusal_of(x);
  EXPECT_NE(refusal_of(nan).find("its root"), std::string::npos);
  std::string text{"before"};
  EXPECT_THROW(write_json(text, x), std::domain_error);
  EXPECT_EQ(text, "before");
}

TEST(written_value, is_nested_as_deep_as_a_document_may_be) {
  // A node is an object with an array.
  auto deepest = nested(max_answer_depth / 2);
  EXPECT_EQ(written(deepest), by_document(deepest));
  auto too_deep = nested(max_answer_depth / 2 + 1);
  EXPECT_NE(refusal_of(too_deep).find("nested deeper"), std::string::npos);
}

TEST(written_value, counts_the_levels_of_documents_in_it) {
  json any = json::array();
  for (std::size_t i = 2; i < max_answer_depth; ++i)
    any = json::array({std::move(any)});
  wp_everything x;
  x.any = any;
  EXPECT_EQ(written(x), by_document(x));
  x.any = json::array({std::move(any)});
  EXPECT_NE(refusal_of(x).find("nested deeper"), std::string::npos);
}

} // namespace

} // namespace troupe
