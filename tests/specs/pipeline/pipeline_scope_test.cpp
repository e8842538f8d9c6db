#include "troupe/specs/pipeline/pipeline_scope.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace troupe {

using nlohmann::json;

namespace {

struct fixed_source final : pipeline_source {
  [[nodiscard]] const troupe::request& request() const override {
    return from;
  }

  [[nodiscard]] const json& input() const override {
    return document;
  }

  troupe::request from;
  json document = {{"a", 1}};
};

} // namespace

TEST(pipeline_scope, finds_what_named_steps_gave) {
  fixed_source source;
  pipeline_scope x{source};
  EXPECT_TRUE(x.last().is_request());
  x.took("first", json(1));
  x.took("", json(2));
  EXPECT_EQ(x.step("first"), 1);
  EXPECT_EQ(*x.last().document(), 2);
  EXPECT_EQ(x.find("second"), nullptr);
  EXPECT_THROW(static_cast<void>(x.step("second")), std::out_of_range);
}

TEST(pipeline_scope, is_not_changed_by_what_its_copies_take) {
  fixed_source source;
  pipeline_scope x{source};
  x.took("first", json(1));
  auto way = x;
  way.took("second", json(2));
  EXPECT_EQ(x.find("second"), nullptr);
  EXPECT_EQ(way.step("first"), 1);
}

TEST(pipeline_scope, has_an_item_in_a_map_only) {
  fixed_source source;
  pipeline_scope x{source};
  EXPECT_THROW(static_cast<void>(x.item()), std::out_of_range);
  EXPECT_THROW(static_cast<void>(x.index()), std::out_of_range);
  x.enter(std::make_shared<const json>("third"), 3);
  EXPECT_EQ(x.item(), "third");
  EXPECT_EQ(x.index(), 3U);
  EXPECT_EQ(*x.last().document(), "third");
}

} // namespace troupe
