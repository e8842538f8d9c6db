#include "troupe/cli/worker/worker_recipe.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace troupe {

TEST(worker_recipe, says_what_the_config_says) {
  model_config config;
  config.type = "square";
  config.path = "p";
  config.directory = "/d";
  config.options = {{"a", 1}};
  process_options options;
  options.memory_mb = 2;
  options.nice = 3;
  options.env = {{"A", "b"}};
  options.devices = {"0", "1"};
  options.cpu_affinity = {4};
  auto x = recipe_for(config, options);
  EXPECT_EQ(x.command.argv,
            (std::vector<std::string>{"/proc/self/exe", "worker"}));
  EXPECT_EQ(x.command.nice, 3);
  EXPECT_EQ(x.command.env.at("A"), "b");
  EXPECT_EQ(x.command.cpus, (std::vector<unsigned>{4}));
  EXPECT_EQ(x.devices.size(), 2U);
  EXPECT_EQ(x.memory_bytes, 2U * 1024 * 1024);
  EXPECT_EQ(x.start.model_type, "square");
  EXPECT_EQ(x.start.path, "p");
  EXPECT_EQ(x.start.directory, "/d");
  EXPECT_EQ(x.start.options, config.options);
}

TEST(worker_recipe, reads_lists_of_processors) {
  using list = std::vector<unsigned>;
  EXPECT_EQ(parse_processors(""), list{});
  EXPECT_EQ(parse_processors("3"), list{3});
  EXPECT_EQ(parse_processors("0-2,8"), (list{0, 1, 2, 8}));
  for (const auto* bad : {"a", "-1", "1-", "2-1", "1024", "1,,2", " 1"})
    EXPECT_THROW(parse_processors(bad), std::invalid_argument) << bad;
}

} // namespace troupe
