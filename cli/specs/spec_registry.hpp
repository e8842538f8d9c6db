#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// What a spec entry of the config says.
struct spec_config {
  /// A model of the same config.
  struct served_model {
    std::string name = {};
    troupe::access access = troupe::access::key;
  };

  /// `type` of the entry: `openai`, `kserve`, ...
  std::string type = {};
  /// The name of a model in the same config; empty when absent.
  std::string model = {};
  /// Put before every pattern by the config reader, not by the factory.
  std::string prefix = {};
  /// For every endpoint of the spec; the factory hands it on to them.
  conflict_policy on_conflict = conflict_policy::error;
  /// How many requests wait for the spec's handlers; set by the config reader.
  std::size_t max_queue_size = 256;
  /// Of each endpoint of the spec; set by the config reader.
  std::size_t max_concurrency = 0;
  /// `options` of the entry; an object.
  nlohmann::json options = nlohmann::json::object();
  /// The folder of the config file.
  std::filesystem::path directory = {};
  /// All of them, in their order.
  std::vector<served_model> models = {};
};

/// Makes a spec from a config entry.
/// @throws model_config_error as a `model_factory` does
using spec_factory = std::function<std::shared_ptr<spec>(const spec_config&)>;

/// Spec types by name. A plain value that `main` fills.
class spec_registry {
public:
  void add(std::string type, spec_factory factory);

  /// @returns the factory, or null.
  [[nodiscard]] const spec_factory* find(const std::string& type) const;

  /// The names of all types, sorted.
  [[nodiscard]] std::vector<std::string> types() const;

private:
  std::map<std::string, spec_factory> factories_;
};

} // namespace troupe
