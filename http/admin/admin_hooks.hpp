#pragma once

#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/actors/status/status_board.hpp"
#include "troupe/http/admin/change_runner.hpp"
#include "troupe/specs/model/model.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// A key that `PATCH /admin/models/{name}` takes.
struct admin_patch {
  std::string key = {};
  /// Says what is wrong with a value for a model, or "". Changes nothing.
  std::function<std::string(const model_definition&, const nlohmann::json&)>
    check = {};
  /// Makes the change, on the thread of the changes.
  std::function<void(const std::string& model, const nlohmann::json&)> apply =
    {};
};

/// What the admin endpoints work with. All of it may be called on any thread.
struct admin_hooks {
  std::shared_ptr<status_board> board = {};
  /// Returns the models that are registered.
  std::function<std::vector<model_definition>()> models = {};
  /// Returns the version of the table that serves.
  std::function<snapshot_ptr()> table = {};
  /// Makes the document of `GET /admin/topology`, in a bounded time.
  std::function<nlohmann::json()> topology = {};
  /// Begins the ordered end of the server, as `POST /shutdown` does.
  std::function<void()> drain = {};
  /// Runs what changes the server.
  std::shared_ptr<change_runner> changes = {};
  std::vector<admin_patch> patches = {};
  /// Makes the changes of a PATCH that none of `patches` takes; may be unset.
  std::function<void(const std::string& model, const nlohmann::json& rest)>
    patch_rest = {};
};

} // namespace troupe
