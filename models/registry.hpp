#pragma once

#include "troupe/specs/model/model.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {

/// What a model entry of the config says beyond `model_options`.
struct model_config {
  /// `type` of the entry: `square`, `onnx`, ...
  std::string type = {};
  /// `path` of the entry, relative to `directory`; empty when absent.
  std::filesystem::path path = {};
  /// `options` of the entry; an object.
  nlohmann::json options = nlohmann::json::object();
  /// The folder of the config file.
  std::filesystem::path directory = {};
  /// `class` and `python` of the entry, for the type `python` only.
  std::string class_name = {};
  std::string python = {};
};

/// Thrown by a factory: `where` is a key inside the entry ("path",
/// "options.base_ms"), `what()` says what is wrong and what to do instead.
class model_config_error : public std::runtime_error {
public:
  model_config_error(std::string where, const std::string& what)
    : std::runtime_error(what), where_(std::move(where)) {
    // nop
  }

  [[nodiscard]] const std::string& where() const noexcept {
    return where_;
  }

private:
  std::string where_;
};

/// Returns the file that `path` of the entry names.
/// @throws model_config_error when there is none
std::filesystem::path model_file(const model_config& config);

/// Refuses a device other than the processor, for a type that has no other.
/// @throws model_config_error
void expect_cpu(const model_options& options, const std::string& type);

/// Refuses a `path`, for a type that reads no file.
/// @throws model_config_error
void expect_no_path(const model_config& config, const std::string& type);

/// Completes a definition from a config entry. Checks everything that needs
/// no loading: unknown option keys, types, ranges; and what else can be found
/// out in a short time.
/// @throws model_config_error
using model_factory =
  std::function<model_definition(model_options, const model_config&)>;

/// Model types by name. A plain value that `main` fills; nothing registers
/// itself.
class model_registry {
public:
  void add(std::string type, model_factory factory);

  /// @returns the factory, or null.
  [[nodiscard]] const model_factory* find(const std::string& type) const;

  /// The names of all types, sorted.
  [[nodiscard]] std::vector<std::string> types() const;

private:
  std::map<std::string, model_factory> factories_;
};

/// Adds `echo`, `square`, `sleep`, `stream` and `fault`.
void add_builtin_models(model_registry& registry);

/// Adds `onnx`. In a build without ONNX Runtime the type is known and its
/// factory throws a `model_config_error` that says how to get it.
void add_onnx_model(model_registry& registry);

/// Adds `llama`. In a build without llama.cpp the type is known and its
/// factory throws a `model_config_error` that says how to get it.
void add_llama_model(model_registry& registry);

/// The type whose workers are processes of a Python interpreter.
inline constexpr const char* python_type = "python";

/// Adds `python`.
void add_python_model(model_registry& registry);

/// The type of a model that asks other models of the same server.
inline constexpr const char* pipeline_type = "pipeline";

/// Adds `pipeline`.
void add_pipeline_model(model_registry& registry);

/// The type of a model whose workers are all on other machines.
inline constexpr const char* node_type = "node";

/// Adds `node`. An entry of the type has no `workers`, `path` or `options`:
/// those are in the configs of the nodes.
void add_node_model(model_registry& registry);

} // namespace troupe
