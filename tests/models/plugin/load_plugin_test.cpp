#include "troupe/models/plugin/load_plugin.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace troupe {

namespace {

std::filesystem::path test_plugin(const std::string& name) {
  return std::filesystem::path{TROUPE_PLUGINS} / (name + ".so");
}

/// Returns why a library is refused.
std::string refusal_of_plugin(const std::string& name,
                              model_registry registry = {}) {
  try {
    load_plugin(test_plugin(name), registry);
  } catch (const plugin_error& e) {
    EXPECT_TRUE(registry.types().empty() || registry.find("square"));
    return e.what();
  }
  return {};
}

bool reason_has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(load_plugin, adds_every_type_of_a_library) {
  model_registry registry;
  const std::vector<std::string> types{
    "added", "counting", "file.teller", "process-teller", "stepping", "tokens"};
  EXPECT_EQ(load_plugin(test_plugin("many"), registry), types);
  EXPECT_EQ(registry.types(), types);
}

TEST(load_plugin, gives_the_same_library_to_a_second_registry) {
  for (auto i = 0; i < 2; ++i) {
    model_registry registry;
    EXPECT_EQ(load_plugin(test_plugin("many"), registry).size(), 6U);
  }
}

TEST(load_plugin, makes_definitions_that_know_their_contract) {
  model_registry registry;
  load_plugin(test_plugin("many"), registry);
  auto made = [&](const char* type) {
    return (*registry.find(type))({.name = "m"}, {.type = type});
  };
  EXPECT_TRUE(made("counting").streaming);
  EXPECT_TRUE(made("stepping").continuous);
  EXPECT_FALSE(made("added").streaming);
}

TEST(load_plugin, refuses_options_and_paths_that_a_class_does_not_take) {
  model_registry registry;
  load_plugin(test_plugin("many"), registry);
  const auto& make = *registry.find("added");
  try {
    make({}, {.type = "added", .options = {{"depth", 1}}});
    FAIL() << "not refused";
  } catch (const model_config_error& e) {
    EXPECT_EQ(e.where(), "options.depth");
  }
  EXPECT_THROW(make({}, {.type = "added", .path = "a"}), model_config_error);
}

TEST(load_plugin, makes_instances_that_answer) {
  model_registry registry;
  load_plugin(test_plugin("many"), registry);
  auto made = (*registry.find("added"))({.name = "m"}, {.type = "added"});
  EXPECT_NE(made.make({}), nullptr);
}

TEST(load_plugin, refuses_what_is_no_plugin) {
  EXPECT_TRUE(reason_has(refusal_of_plugin("none"), "there is no file "));
  EXPECT_TRUE(
    reason_has(refusal_of_plugin("no_symbol"), "is not a Troupe plugin"));
  EXPECT_TRUE(reason_has(refusal_of_plugin("empty"), "is not a Troupe plugin"));
}

TEST(load_plugin, refuses_another_tag_before_anything_of_it_is_called) {
  const auto said = refusal_of_plugin("other_tag");
  EXPECT_TRUE(reason_has(said, "its tag is \"troupe 0.0.9, headers "));
  EXPECT_TRUE(
    reason_has(said, "that of this program \"" + plugin_abi_tag() + '"'));
  EXPECT_TRUE(reason_has(said, "rebuild it against this Troupe"));
}

TEST(load_plugin, passes_on_what_on_load_throws) {
  EXPECT_TRUE(reason_has(refusal_of_plugin("throws"), "there is no driver 7"));
  EXPECT_TRUE(reason_has(refusal_of_plugin("throws"), "there is no driver 7"));
}

TEST(load_plugin, refuses_a_type_that_is_there_twice) {
  EXPECT_TRUE(reason_has(refusal_of_plugin("twice"), "two models of the type"));
}

TEST(load_plugin, adds_none_when_one_type_is_taken) {
  model_registry registry;
  add_builtin_models(registry);
  const auto before = registry.types();
  EXPECT_THROW(load_plugin(test_plugin("taken"), registry), plugin_error);
  EXPECT_EQ(registry.types(), before);
  EXPECT_TRUE(reason_has(refusal_of_plugin("taken", registry), "\"square\""));
}

TEST(plugin_abi_tag, names_the_version_the_headers_and_the_libraries) {
  const auto tag = plugin_abi_tag();
  EXPECT_TRUE(tag.starts_with("troupe "));
  EXPECT_TRUE(reason_has(tag, ", headers "));
  EXPECT_TRUE(reason_has(tag, ", C++ ABI 1"));
  EXPECT_TRUE(reason_has(tag, "nlohmann::json_abi"));
  EXPECT_EQ(tag.find("TROUPE"), std::string::npos);
}

} // namespace

} // namespace troupe
