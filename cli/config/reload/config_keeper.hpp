#pragma once

#include "troupe/cli/config/config.hpp"
#include "troupe/cli/config/reload/config_difference.hpp"
#include "troupe/http/config_link.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Returns a config that was read, in the form in which configs are compared.
served_config served_config_of(const loaded_config& x);

/// The config of a running server: reads it again, and model entries by
/// themselves, and knows what is served of them.
class config_keeper final : public config_link {
public:
  /// @param read reads the config, with what the command line says
  /// @param models, specs outlive this
  config_keeper(const loaded_config& served,
                std::function<loaded_config()> read,
                const model_registry& models, const spec_registry& specs);

  planned_change reload() override;
  planned_change put_model(const std::string& name,
                           const std::string& entry) override;
  planned_change patch_model(const std::string& name,
                             const nlohmann::json& patch) override;
  planned_change remove_model(const std::string& name) override;
  [[nodiscard]] nlohmann::json document() const override;

  [[nodiscard]] std::chrono::milliseconds watch_interval() const override {
    return watch_;
  }

  [[nodiscard]] std::string stamp() const override;

private:
  /// Reads one entry as a config of its own, with the rest of what is served.
  /// @param verb the method that brought it, for its origin
  loaded_config read_entry(std::string_view verb, const std::string& name,
                           const std::string& entry);
  /// @param with_nodes whether the entry may need the section of the cluster
  [[nodiscard]] std::string rest_of_config(bool with_nodes) const;
  void serve_entry(const std::string& name, const served_config& from);

  std::function<loaded_config()> read_;
  const model_registry* models_;
  const spec_registry* specs_;
  std::filesystem::path directory_;
  std::chrono::milliseconds watch_;
  /// The config's; empty when it is in no file.
  std::string file_;
  server_options options_;
  /// In the order of the document's.
  std::vector<std::string> spec_names_;
  /// Models that the config does not name.
  std::set<std::string> put_;
  /// Guards what follows, for readers on other threads.
  mutable std::mutex mutex_;
  served_config current_;
  /// The config itself, as it was read last: its files are watched.
  nlohmann::json read_last_;
};

} // namespace troupe
