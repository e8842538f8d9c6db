#include "troupe/models/process/process_model.hpp"
#include "troupe/models/python/worker_archive.hpp"
#include "troupe/models/registry.hpp"

#include <filesystem>
#include <stdexcept>
#include <unistd.h>

namespace troupe {

namespace {

/// Returns the interpreter as `child_command` takes it.
std::string interpreter_of(const model_config& config) {
  const auto& text = config.python;
  if (text.find('/') == std::string::npos) {
    try {
      return file_of(text.empty() ? "python3" : text);
    } catch (const std::runtime_error& e) {
      throw model_config_error("python", e.what());
    }
  }
  auto file = (config.directory / text).lexically_normal();
  if (::access(file.c_str(), X_OK) != 0)
    throw model_config_error("python", "there is no program " + file.string());
  return std::filesystem::absolute(file).string();
}

model_definition make_python(model_options options,
                             const model_config& config) {
  static_cast<void>(model_file(config));
  auto recipe = recipe_of(config, options.process);
  recipe.start.settings = nlohmann::json::object();
  if (!config.class_name.empty())
    recipe.start.settings["class"] = config.class_name;
  auto archive = python_worker_file();
  recipe.command.argv = {interpreter_of(config), python_worker_path};
  recipe.command.extra_fd = archive->get();
  model_definition result;
  result.options = std::move(options);
  // What it is the worker says once it is set up.
  result.batched = true;
  result.streaming = true;
  result.whole_answers = true;
  result.has_health = true;
  run_in_processes(result, std::move(recipe));
  result.make = [make = std::move(result.make), archive](const auto& slot) {
    return make(slot);
  };
  return result;
}

} // namespace

void add_python_model(model_registry& registry) {
  registry.add(python_type, make_python);
}

} // namespace troupe
