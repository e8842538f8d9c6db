#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/sharded.hpp"
#include "troupe/actors/status/status_board.hpp"
#include "troupe/actors/table/endpoint_table.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Who answers an entry of the table.
struct route_target {
  /// The model's or spec's name, as in `table_entry::owner`.
  std::string owner = {};
  /// For predict endpoints.
  sharded<pool_actor> pool = {};
  /// For specs and custom routes.
  sharded<spec_actor> spec = {};
  /// Asked first, see `model_definition`. @returns a refusal, or nothing
  std::function<std::optional<failure>(exchange&)> authorize = {};
  /// The bound in front of the actor's mailbox; null for built-ins.
  std::shared_ptr<admission> gate = {};
  /// The model's health; null for what is always ready.
  std::shared_ptr<model_state> state = {};
  /// Covers queue and execution; zero means none. Of a spec: until it hands the
  /// request to a model.
  std::chrono::milliseconds timeout{30'000};
  /// Bounds of the parts, beside `timeout`; none for a spec, whose requests
  /// take those of the model that it hands them to.
  time_limits limits = {};
  /// As `model_options::heartbeat`.
  std::chrono::milliseconds heartbeat{0};
};

/// One version of the merged table with the handles behind it. Immutable.
struct routing_snapshot {
  std::uint64_t version = 0;
  endpoint_table table = {};
  std::vector<route_target> targets = {};

  [[nodiscard]] const route_target& target(const table_entry& e) const {
    return targets[e.target];
  }

  /// The target of a model, also of one without a predict endpoint; or null.
  [[nodiscard]] const route_target* find_model(const std::string& name) const;
};

/// The version published last, for threads that are not told: handlers of
/// specs and callers from outside. Thread-safe.
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

/// A change of the table while serving.
struct table_change {
  /// Every entry of these owners goes away, and so do their targets' handles.
  std::vector<std::string> remove_owners = {};
  /// New entries, their `target` counted from the first of `targets`.
  std::vector<table_entry> add = {};
  std::vector<route_target> targets = {};
};

/// Everything that was registered, before policies were applied: what the
/// next version is built from. A value.
struct routing_plan {
  std::vector<table_entry> entries = {};
  std::vector<route_target> targets = {};
  table_options options = {};

  /// Builds a version.
  /// @throws conflict_error, std::invalid_argument
  [[nodiscard]] snapshot_ptr build(std::uint64_t version) const;

  /// Returns this plan with a change applied. Targets keep their index, so
  /// that requests on an older version still find theirs.
  [[nodiscard]] routing_plan with(const table_change& change) const;
};

/// Tells who has an exchange of that target that somebody gave up on it. With a
/// `host` as in `dispatch`.
void sweep(const route_target& target, std::uint32_t shard,
           caf::execution_unit* host);

/// Hands an exchange to the actor behind a target, if the client may, the model
/// is there and the bound lets it in. With a `host` the actor runs on that
/// execution unit, which must be the calling thread's.
/// @returns the refusal, and the exchange unanswered; or nothing.
std::optional<failure> dispatch(const route_target& target, exchange_ptr ex,
                                caf::execution_unit* host);

} // namespace troupe
