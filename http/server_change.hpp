#pragma once

#include "troupe/http/options.hpp"
#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/model/model.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// Changes of a running server, made at once; see `server::change`.
struct server_change {
  struct spec_entry {
    std::shared_ptr<troupe::spec> spec = {};
    /// Where it was declared, for messages.
    entry_origin origin = {};
  };

  /// Served as new ones, or in the places of the models of their names, which
  /// end with their last requests.
  std::vector<model_definition> models = {};
  /// The models of these names go on with their workers; of the options only
  /// `predict`, `access`, `max_body_bytes`, `on_conflict`, `timeout`, `limits`,
  /// `heartbeat` and `queue` are taken over.
  std::vector<model_definition> kept_models = {};
  std::vector<std::string> removed_models = {};
  /// As `models`.
  std::vector<spec_entry> specs = {};
  std::vector<std::string> removed_specs = {};
  /// Hold for requests that begin later; `limits` and `gzip` also for the
  /// connections that are opened later. Where the server listens, its threads,
  /// `admin.enabled`, `cluster`, `caf`, the memory budget and the bounds of
  /// connections stay as they are.
  std::optional<server_options> options = {};
  /// For all that is started, together.
  std::chrono::milliseconds ready_timeout{60'000};

  [[nodiscard]] bool empty() const noexcept {
    return models.empty() && kept_models.empty() && removed_models.empty()
           && specs.empty() && removed_specs.empty() && !options;
  }
};

} // namespace troupe
