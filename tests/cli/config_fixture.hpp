#pragma once

#include "troupe/cli/config/config.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// The root of the source tree.
inline std::filesystem::path source_root() {
  return TROUPE_SOURCE_DIR;
}

/// A folder of the test's own, and config files in it. Messages name them
/// by a path relative to it, as a user in that folder sees them.
class config_fixture : public testing::Test {
public:
  config_fixture() {
    auto pattern =
      (std::filesystem::temp_directory_path() / "troupe.XXXXXX").string();
    if (!mkdtemp(pattern.data()))
      throw std::runtime_error("no folder for the test");
    folder_ = pattern;
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_);
    models_.add("dummy", [this](model_options options, const model_config& x) {
      seen_.push_back(x);
      model_definition result;
      result.options = std::move(options);
      result.make = no_instance;
      result.batched = true;
      result.has_health = true;
      return result;
    });
    models_.add("single", [](model_options options, const model_config&) {
      model_definition result;
      result.options = std::move(options);
      result.make = no_instance;
      return result;
    });
    models_.add("flow", [](model_options options, const model_config&) {
      model_definition result;
      result.options = std::move(options);
      result.make = no_instance;
      result.streaming = true;
      return result;
    });
    models_.add("steps", [](model_options options, const model_config&) {
      model_definition result;
      result.options = std::move(options);
      result.make = no_instance;
      result.streaming = true;
      result.continuous = true;
      return result;
    });
    models_.add(
      "picky", [](model_options, const model_config& x) -> model_definition {
        throw model_config_error(x.options.value("where", "options.depth"),
                                 "expected something else");
      });
    specs_.add("probe", [](const spec_config& x) {
      auto result = std::make_shared<spec>("probe");
      result->get("/probe", [](const request&, context&) { return "ok"; },
                  {.on_conflict = x.on_conflict});
      return result;
    });
  }

  ~config_fixture() override {
    std::error_code code;
    std::filesystem::current_path(before_, code);
    std::filesystem::remove_all(folder_, code);
  }

  static void write(const std::string& name, std::string_view text) {
    std::ofstream{name, std::ios::binary} << text;
  }

  /// Loads `text` as `c.json`.
  loaded_config load(std::string_view text,
                     const std::vector<std::string>& assignments = {}) {
    write("c.json", text);
    std::vector<config_override> overrides;
    for (const auto& x : assignments)
      overrides.push_back(config_override::parse(x));
    return load_config("c.json", overrides, models_, specs_);
  }

  /// Loads a config and returns what is wrong with it, without the count.
  std::vector<std::string>
  errors(std::string_view text,
         const std::vector<std::string>& assignments = {}) {
    std::vector<std::string> result;
    try {
      load(text, assignments);
    } catch (const config_error& e) {
      for (const auto& x : e.diagnostics())
        result.push_back(to_string(x));
    }
    return result;
  }

protected:
  static std::unique_ptr<model> no_instance(const worker_slot&) {
    return nullptr;
  }

  model_registry models_;
  spec_registry specs_;
  /// What the factory of `dummy` got.
  std::vector<model_config> seen_;

private:
  std::filesystem::path folder_;
  std::filesystem::path before_;
};

using lines = std::vector<std::string>;

} // namespace troupe
