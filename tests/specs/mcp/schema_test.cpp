#include "troupe/specs/mcp/schema.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <optional>
#include <vector>

namespace {

struct point {
  double x = 0;
  float y = 0;
};
TROUPE_FIELDS(point, x, y)

struct drawing {
  std::string name = {};
  bool closed = false;
  int turn = 0;
  std::uint8_t width = 1;
  std::vector<point> points = {};
  std::array<int, 2> size = {};
  std::optional<std::string> colour = {};
  std::map<std::string, int> tags = {};
  nlohmann::json extra = nullptr;
};
TROUPE_FIELDS(drawing, name, closed, turn, width, points, size, colour, tags,
              extra)

} // namespace

using nlohmann::json;
using troupe::mcp::schema_of;

TEST(schema_of, says_what_a_struct_is_read_from) {
  auto x = schema_of<drawing>();
  EXPECT_EQ(x["type"], "object");
  EXPECT_EQ(x["properties"], json::parse(R"({
    "name": {"type": "string"},
    "closed": {"type": "boolean"},
    "turn": {"type": "integer"},
    "width": {"type": "integer", "minimum": 0},
    "points": {"type": "array", "items": {
      "type": "object",
      "properties": {"x": {"type": "number"}, "y": {"type": "number"}},
      "required": ["x", "y"]}},
    "size": {"type": "array", "items": {"type": "integer"},
             "minItems": 2, "maxItems": 2},
    "colour": {"type": "string"},
    "tags": {"type": "object", "additionalProperties": {"type": "integer"}},
    "extra": {}})"));
  EXPECT_EQ(x["required"], json::parse(R"(["name", "closed", "turn", "width",
    "points", "size", "tags", "extra"])"));
}

TEST(schema_of, agrees_with_the_reader_on_what_is_required) {
  json missing{{"x", 1}};
  point p;
  EXPECT_THROW(troupe::read_value(missing, p), troupe::validation_error);
  EXPECT_EQ(schema_of<point>()["required"].size(), 2U);
}
