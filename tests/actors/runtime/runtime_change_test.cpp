#include "troupe/actors/runtime/runtime_change.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

model_definition changed_model(std::string name, std::string path) {
  model_definition result;
  result.options.name = std::move(name);
  result.options.predict = std::move(path);
  return result;
}

TEST(runtime_change, is_one_change_of_the_table) {
  runtime_change x;
  x.start_models = {changed_model("a", "/a")};
  x.keep_models = {changed_model("b", "/b")};
  auto s = std::make_shared<spec>("s");
  s->get("/s", [](const request&, context&) { return "ok"; });
  x.start_specs = {{s, {}}};
  x.remove_models = {"c"};
  x.remove_specs = {"t"};
  x.timeout = std::chrono::milliseconds{5};
  auto table = x.to_table();
  EXPECT_EQ(table.remove_models, (std::vector<std::string>{"c", "a", "b"}));
  EXPECT_EQ(table.remove_specs, (std::vector<std::string>{"t", "s"}));
  EXPECT_EQ(table.targets.size(), 3U);
  ASSERT_EQ(table.add.size(), 3U);
  for (std::uint32_t i = 0; i < 3; ++i)
    EXPECT_EQ(table.add[i].target_index, i);
  EXPECT_EQ(table.add[2].endpoint.pattern, "/s");
  EXPECT_FALSE(table.remove_builtins);
  x.builtins.emplace();
  EXPECT_TRUE(x.to_table().remove_builtins);
}

} // namespace

} // namespace troupe
