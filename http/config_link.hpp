#pragma once

#include "troupe/http/server_change.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

namespace troupe {

/// Thrown for a document that cannot be served, with everything found.
class config_refused : public std::runtime_error {
public:
  /// @param faults an array of objects: `where` (`c.json:3:13`), `pointer` and
  ///               `message`
  config_refused(const std::string& what, nlohmann::json faults)
    : std::runtime_error(what), faults_(std::move(faults)) {
    // nop
  }

  [[nodiscard]] const nlohmann::json& faults() const noexcept {
    return faults_;
  }

private:
  nlohmann::json faults_;
};

/// A change that a document asks for.
struct planned_change {
  server_change change = {};
  /// What differs, for people and for the answer: an array of texts.
  nlohmann::json differences = nlohmann::json::array();
  /// Called when the change was made.
  std::function<void()> made = {};
};

/// Turns documents into changes of a running server; made by the code that read
/// its config. Called on one thread at a time unless a member says otherwise.
class config_link {
public:
  config_link() = default;
  virtual ~config_link() = default;
  config_link(const config_link&) = delete;
  config_link& operator=(const config_link&) = delete;

  /// Reads the config again.
  /// @throws config_refused
  virtual planned_change reload() = 0;

  /// Reads one model entry, as JSON text.
  /// @throws config_refused
  virtual planned_change put_model(const std::string& name,
                                   const std::string& entry) = 0;

  /// Changes keys of a model's entry that need no new workers.
  /// @param patch an object
  /// @throws config_refused also for other keys
  virtual planned_change patch_model(const std::string& name,
                                     const nlohmann::json& patch) = 0;

  /// A model is taken out.
  virtual planned_change remove_model(const std::string& name) = 0;

  /// How often to look whether files have changed; zero means never.
  [[nodiscard]] virtual std::chrono::milliseconds watch_interval() const {
    return std::chrono::milliseconds{0};
  }

  /// Returns a text that changes when files of the config or of its models
  /// change. Safe on any thread.
  [[nodiscard]] virtual std::string stamp() const {
    return {};
  }

  /// Returns the config that is served, with what was changed since, as
  /// `check --against` compares it. Safe on any thread.
  [[nodiscard]] virtual nlohmann::json document() const = 0;
};

} // namespace troupe
