#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/routing/routing.hpp"
#include "troupe/actors/status/status_board.hpp"
#include "troupe/specs/model/model.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// Prepares a CAF system's config for Troupe: message types, a scheduler that
/// sleeps when there is nothing to do. An embedder calls it on its own config
/// before the system is made; only `add_message_types` is a must.
void prepare(caf::actor_system_config& cfg);

/// What the runtime needs beyond models and specs.
struct runtime_options {
  table_options table = {};
  /// For endpoints that do not say it; zero means none.
  std::chrono::milliseconds timeout{30'000};
  log_sink log = no_log();
  /// How many I/O threads there are: each has its own workers of an inline
  /// model and its own actor of a spec with inline handlers.
  std::size_t shards = 1;
  /// See `supervisor_config::threads`.
  bool threads = true;
};

/// Router, supervisor, pools and specs of one server, without HTTP. Not
/// thread-safe; blocking members must not be called from actors.
class runtime {
public:
  runtime(caf::actor_system& sys, runtime_options options);
  ~runtime();

  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  // After `start`, `add` and `remove` change the table while serving; requests
  // that are under way finish on the table that they began with.

  /// Registers a model.
  /// @throws std::invalid_argument when it is declared wrongly or its name is
  ///         taken; after `start` also conflict_error, and the old table
  ///         stays.
  void add(model_definition definition);

  /// Registers a spec. @throws as above
  void add(std::shared_ptr<spec> s, const std::string& origin);

  /// Takes a model or spec out and ends it once its work is done.
  /// @returns whether there was one of that name.
  bool remove(const std::string& name);

  /// Takes who is told of hooks and of what they log; null means nobody.
  /// Before `start`.
  void observe(logged_value_sink values, callback_list callbacks);

  /// Registers an entry that the front answers itself.
  void add_builtin(table_entry entry);

  /// The table as it is registered. @throws conflict_error
  [[nodiscard]] endpoint_table build_table() const;

  /// Spawns everything. @throws conflict_error; nothing is left behind.
  void start();

  /// Waits until no pool has work left. @returns whether that came in time.
  bool drain(bool finish_queued, std::chrono::milliseconds timeout);

  /// Cancels all work.
  void cancel();

  /// Ends all actors. @returns the number of workers that did not return.
  std::size_t stop(std::chrono::milliseconds timeout);

  /// Watches the front that requests come from: when it ends before `stop`, the
  /// server has failed, as with the runtime's own actors.
  void guard_front(const front_actor& x);

  [[nodiscard]] const router_actor& router() const noexcept {
    return router_;
  }

  [[nodiscard]] const std::shared_ptr<status_board>& board() const noexcept {
    return board_;
  }

  [[nodiscard]] snapshot_ptr snapshot() const {
    return cell_->load();
  }

  /// The definitions registered, for `/info`.
  [[nodiscard]] const std::vector<model_definition>& models() const noexcept {
    return models_;
  }

private:
  struct spec_entry {
    std::shared_ptr<troupe::spec> spec;
    std::string origin;
  };

  route_target start_model(const model_definition& definition,
                           const std::string& label);
  static table_entry entry_of(const model_definition& definition,
                              std::uint32_t target);
  /// Publishes a change, with targets made by `start` once it is known that
  /// the new table has no conflicts.
  template <class F>
  void change_table(table_change change, const std::string& pool, F start);
  template <class Handle>
  void guard(const Handle& x, std::string what);
  route_target start_spec(const std::shared_ptr<troupe::spec>& s);
  std::vector<table_entry> entries_of(const spec_entry& x,
                                      std::uint32_t target) const;
  routing_plan plan() const;

  caf::actor_system& system_;
  runtime_options options_;
  logged_value_sink values_;
  callback_list callbacks_;
  std::shared_ptr<status_board> board_;
  std::shared_ptr<snapshot_cell> cell_;
  /// From here on actors end as they should.
  std::shared_ptr<std::atomic<bool>> ending_ =
    std::make_shared<std::atomic<bool>>(false);
  std::vector<model_definition> models_;
  std::vector<spec_entry> specs_;
  std::vector<table_entry> builtins_;
  /// What ROUTER serves; for checking a change before anything is spawned.
  routing_plan plan_;
  supervisor_actor supervisor_;
  router_actor router_;
};

} // namespace troupe
