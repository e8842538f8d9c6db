#include "troupe/http/builtin_table.hpp"

#include <gtest/gtest.h>

#include <set>

namespace troupe {

namespace {

TEST(builtin_table, has_each_name_and_path_once) {
  std::set<std::string_view> names;
  std::set<std::string_view> paths;
  for (const auto& x : builtin_table) {
    EXPECT_TRUE(names.insert(x.name).second) << x.name;
    EXPECT_TRUE(paths.insert(x.path).second) << x.path;
    EXPECT_TRUE(x.path.starts_with('/')) << x.name;
    EXPECT_TRUE(x.doc.ends_with('.')) << x.name;
  }
}

TEST(builtin_table, lets_nobody_end_the_server_without_a_key) {
  for (const auto& x : builtin_table)
    EXPECT_EQ(x.access == access::admin, x.id == builtin::shutdown) << x.name;
}

TEST(builtin_paths, are_those_of_the_table_unless_they_are_moved) {
  builtin_paths paths;
  for (const auto& x : builtin_table)
    EXPECT_EQ(paths[x.id], x.path);
  paths[builtin::health] = "/healthz";
  paths[builtin::metrics].reset();
  EXPECT_EQ(paths[builtin::health], "/healthz");
  EXPECT_EQ(paths[builtin::metrics], std::nullopt);
  EXPECT_EQ(paths[builtin::livez], "/livez");
}

TEST(builtin_paths, of_the_health_of_a_model_names_the_model) {
  EXPECT_EQ(path_error(builtin::model_health, "/status/{model}"), "");
  EXPECT_NE(path_error(builtin::model_health, "/status"), "");
  EXPECT_EQ(path_error(builtin::health, "/status"), "");
  for (const auto& x : builtin_table) {
    EXPECT_EQ(path_error(x.id, std::string{x.path}), "") << x.name;
    EXPECT_EQ(path_error(x.id, other_path(x.id)), "") << x.name;
  }
}

TEST(builtin_paths, say_where_they_can_be_changed) {
  builtin_paths paths;
  const auto& x = paths.origin(builtin::info);
  EXPECT_EQ(x.where, "server_options::builtins[builtin::info]");
  EXPECT_EQ(x.move, x.where + " = \"/other\"");
  EXPECT_EQ(x.off, x.where + ".reset()");
}

} // namespace

} // namespace troupe
