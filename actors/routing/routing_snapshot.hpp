#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/sharded.hpp"
#include "troupe/actors/status/status_board.hpp"
#include "troupe/actors/table/endpoint_table.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

class response_cache;

/// Who answers an entry of the table.
struct route_target {
  /// The model's or spec's name, as in `table_entry::owner`.
  std::string owner = {};
  /// For predict endpoints.
  sharded<queue_actor> pool = {};
  /// For specs and custom routes.
  sharded<spec_actor> spec = {};
  /// Asked first, see `model_definition`. @returns a refusal, or nothing
  std::function<std::optional<failure>(exchange&)> authorize = {};
  /// The bound in front of the actor's mailbox; null for built-ins.
  std::shared_ptr<troupe::admission> admission = {};
  /// The cache of the model; null for a model without one.
  std::shared_ptr<response_cache> cache = {};
  /// The model's health; null for what is always ready.
  std::shared_ptr<model_state> state = {};
  /// The limits of its requests. For a spec only `timeout` counts, until a
  /// request is handed to a model, whose limits then hold.
  time_limits limits = {};
  /// Which other machines may serve a model, too.
  node_options nodes = {};
  /// The inputs and outputs of a model that is here: JSON text.
  std::string schema = "null";
  /// As `model_options::heartbeat`.
  std::chrono::milliseconds heartbeat{0};
  /// Retires the actors when the last version that has this target goes. A
  /// request keeps the version that it was matched in, so nothing is sent to an
  /// actor that was told to end.
  std::shared_ptr<const void> lease = {};

  /// Returns where its requests are counted.
  [[nodiscard]] model_series* series_or(model_series& other) const noexcept {
    auto* own = state != nullptr ? state->series() : nullptr;
    return own != nullptr ? own : &other;
  }
};

/// One version of the merged table with the handles behind it. Immutable.
struct routing_snapshot {
  std::uint64_t version = 0;
  endpoint_table table = {};
  std::vector<route_target> targets = {};
  /// What the front goes by from this version on; null for what it began with.
  /// The actors do not look into it.
  std::shared_ptr<const void> front = {};

  [[nodiscard]] const route_target& target(const table_entry& e) const {
    return targets[e.target_index];
  }

  /// The target of a model, also of one without a predict endpoint; or null.
  [[nodiscard]] const route_target* find_model(const std::string& name) const;
};

/// The version published last, for readers that are not notified: handlers of
/// specs, requests by actor message, callers from outside. Thread-safe.
class snapshot_cell {
public:
  [[nodiscard]] snapshot_ptr load() const {
    std::unique_lock guard{mutex_};
    return value_;
  }

  void store(snapshot_ptr x) {
    std::unique_lock guard{mutex_};
    value_ = std::move(x);
  }

private:
  mutable std::mutex mutex_;
  snapshot_ptr value_;
};

} // namespace troupe
