#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace troupe {

/// A config that is served, or is to be: its document, with what the command
/// line says, and what is known of the files of its models.
struct served_config {
  nlohmann::json document = nlohmann::json::object();
  /// By model, and by `plugin_stamp`: changes when its file does.
  std::map<std::string, std::string> stamps = {};

  [[nodiscard]] nlohmann::json to_json() const;
  /// @throws nlohmann::json::exception for another shape
  static served_config from_json(const nlohmann::json& x);
};

/// The key of a plugin's stamp: no model has such a name.
std::string plugin_stamp(const std::string& plugin);

/// What one difference between two configs means for a running server.
enum class difference_kind : std::uint8_t {
  /// Holds from now on; nothing is started.
  live,
  /// Something is started, or ends.
  restart_part,
  /// Needs a restart of the server.
  restart_server,
};

struct config_change {
  difference_kind kind = difference_kind::live;
  /// A JSON pointer into the new config, or into the old one for what is gone.
  std::string pointer = {};
  /// For people: `models.digits: replaced, workers: 2 -> 4`.
  std::string text = {};
};

/// How two configs differ.
struct config_difference {
  std::vector<config_change> changes = {};
  /// Models, by name.
  std::vector<std::string> added = {};
  std::vector<std::string> replaced = {};
  /// Those whose differences can be made while they serve.
  std::vector<std::string> kept = {};
  std::vector<std::string> removed = {};
  /// Specs that are new, by their index in the new config, and those that are
  /// gone, in the old one.
  std::vector<std::size_t> new_specs = {};
  std::vector<std::size_t> old_specs = {};
  /// Whether options of the server or policies of routes differ.
  bool server = false;

  [[nodiscard]] bool needs_restart() const;
  [[nodiscard]] nlohmann::json texts() const;
};

/// Compares what is served with what is to be. Defaults count as if they stood
/// there.
config_difference compare(const served_config& was, const served_config& is);

/// The keys of a model entry whose change needs no new workers.
const std::vector<std::string>& live_model_keys();

/// Returns whether two model entries differ in nothing else.
bool differ_live(const nlohmann::json& was, const nlohmann::json& is);

/// Returns the keys in which two model entries differ.
std::vector<std::string> differing_keys(const nlohmann::json& was,
                                        const nlohmann::json& is);

/// Returns the entry of a model, or null.
const nlohmann::json* find_model_entry(const nlohmann::json& document,
                                       const std::string& name);

} // namespace troupe
