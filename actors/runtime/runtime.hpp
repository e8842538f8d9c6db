#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/actors/runtime/registry.hpp"
#include "troupe/actors/runtime/runtime_change.hpp"
#include "troupe/actors/serve_order.hpp"
#include "troupe/actors/status/status_board.hpp"
#include "troupe/specs/model/model.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
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
  /// Whether what models do is counted, see `model_series`.
  bool measures = true;
  /// Whether the control actors, and what runs inline where there is no I/O
  /// thread, get threads of their own. Tests under CAF's test coordinator
  /// switch it off; see also `supervisor_config::threads`.
  bool threads = true;
};

class thread_unit;

/// The actors of one server, without HTTP: TABLE, ROUTERs, GATEWAY, SUPERVISOR
/// and what that keeps. None of them needs the system's scheduler. Not
/// thread-safe unless a member says so: members that change it are called one
/// after the other. Blocking members must not be called from actors.
class runtime {
public:
  runtime(caf::actor_system& sys, runtime_options options);
  ~runtime();

  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  // After `start`, `add`, `replace` and `remove` change the table while serving
  // and return when every I/O thread uses the new one. Requests that are under
  // way finish on the table that they began with, and find its actors there.

  /// Registers a model. While serving it is started first, and its endpoints
  /// appear when it is ready, or has failed.
  /// @throws std::invalid_argument when it is declared wrongly or its name is
  ///         taken; after `start` also conflict_error, and the old table
  ///         stays.
  void add(model_definition definition);

  /// Registers a spec. @throws as above
  void add(std::shared_ptr<spec> s, const entry_origin& origin);

  /// Puts a model in the place of the one of its name. While serving it is
  /// started beside that one; when it is ready, the table changes at once, and
  /// the old model ends with its last request.
  /// @throws std::invalid_argument when no model has that name or the new one
  ///         is declared wrongly; conflict_error; std::runtime_error with the
  ///         reason when it does not become ready in time. The old model serves
  ///         on then.
  void replace(model_definition definition, std::chrono::milliseconds timeout);

  /// Takes a model or spec out; it ends with its last request.
  /// @returns whether there was one of that name.
  /// @throws std::invalid_argument when a pipeline asks the model
  bool remove(const std::string& name);

  /// Makes many changes at once while serving: one version of the table has all
  /// of them, or nothing has changed.
  /// @throws std::invalid_argument, conflict_error; std::runtime_error when a
  ///         new model or spec does not become ready in time
  void apply(runtime_change change);

  /// Sets how many workers a model has, at least and at most. Those that are
  /// too many end after their last calls.
  /// @throws std::invalid_argument when there is no model of that name or it
  ///         cannot have them; std::runtime_error with SUPERVISOR's reason
  void scale(const std::string& name, worker_range range);

  /// Tries a model again that was given up, and workers that were not replaced;
  /// does not wait for them.
  /// @throws std::invalid_argument when there is no model of that name;
  ///         std::runtime_error when there is nothing to try
  void revive(const std::string& name);

  /// Sets the observers of hooks and of what they log; null means none. Before
  /// `start`.
  void observe(logged_value_sink values, callback_list callbacks);

  /// Registers an entry that is answered without an actor. Before `start`.
  void add_builtin(table_entry entry) {
    registry_.add_builtin(std::move(entry));
  }

  /// Takes the units of the I/O threads, each of which gets a ROUTER, workers
  /// of the inline models and a SPEC of what runs inline. Before `start`.
  void io_units(std::vector<unit_ptr> units) {
    io_units_ = std::move(units);
  }

  /// Builds the table that `start` will serve.
  /// @returns it, valid until the next registration or `start`
  /// @throws conflict_error, std::invalid_argument
  const endpoint_table& check();

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

  /// Watches a FRONT: when it ends before `stop`, the server has failed, as
  /// with the runtime's own actors.
  void guard_front(const front_actor& x) const;

  /// Returns the way in for requests by actor message.
  [[nodiscard]] const router_actor& router() const noexcept {
    return router_;
  }

  /// Returns the ROUTER of each I/O thread.
  [[nodiscard]] const std::vector<router_actor>& io_routers() const noexcept {
    return io_routers_;
  }

  [[nodiscard]] const gateway_actor& gateway() const noexcept {
    return gateway_;
  }

  [[nodiscard]] const supervisor_actor& supervisor() const noexcept {
    return supervisor_;
  }

  /// Returns the thread of the actors that control others.
  [[nodiscard]] unit_ptr home() const;

  /// Returns where each version of the table is found.
  [[nodiscard]] std::shared_ptr<const snapshot_cell> cell() const noexcept {
    return cell_;
  }

  [[nodiscard]] const table_actor& table() const noexcept {
    return table_;
  }

  [[nodiscard]] const std::shared_ptr<status_board>& board() const noexcept {
    return board_;
  }

  [[nodiscard]] snapshot_ptr snapshot() const {
    return cell_->load();
  }

  /// Returns the definitions that are registered. Safe on any thread.
  [[nodiscard]] std::vector<model_definition> models() const {
    std::unique_lock guard{registry_mutex_};
    return registry_.models();
  }

private:
  [[nodiscard]] bool serving() const noexcept {
    return table_ != nullptr;
  }

  /// Lets the server fail when an actor ends before `stop`.
  template <class Handle>
  void guard(const Handle& x, std::string what) const;

  // -- what is served ---------------------------------------------------------

  /// Checks a change, makes its target with `start`, and publishes it.
  template <class F>
  void change_table(table_change change, F start);
  /// Lets TABLE check a change, and publish the one that was checked last.
  void check_table(table_change change);
  void publish_table(std::vector<route_target> targets);
  /// @param stands_in whether it is kept off the board until it serves
  route_target start_model(const model_definition& definition,
                           bool stands_in = false);
  route_target start_spec(const std::shared_ptr<troupe::spec>& s,
                          bool stands_in = false);

  // -- changes of many parts --------------------------------------------------

  /// Adds what has to be told of another timeout, and checks names.
  void complete(runtime_change& x);
  [[nodiscard]] route_target kept_target(const model_definition& x) const;
  [[nodiscard]] route_target kept_target(const registry::spec_entry& x) const;
  [[nodiscard]] std::vector<route_target> start_all(const runtime_change& x);
  void take_over(runtime_change& x, const std::vector<route_target>& targets,
                 const snapshot_ptr& before);
  void resize_queue(const model_options& next, const route_target& target);
  void follow_workers(const model_options& next);
  /// Lets SUPERVISOR carry out an order. @returns queues and their lease
  using served = std::pair<sharded<queue_actor>, std::shared_ptr<const void>>;
  served serve(serve_order order);

  // -- where it runs ----------------------------------------------------------

  /// Makes a thread once, if this runtime has threads.
  const std::shared_ptr<thread_unit>&
  made(std::shared_ptr<thread_unit>& x) const;
  /// Says where the queues of an order run, and how many there are.
  void place(serve_order& order, bool inlined);
  [[nodiscard]] std::size_t shards() const noexcept {
    return io_units_.empty() ? 1 : io_units_.size();
  }

  caf::actor_system& system_;
  runtime_options options_;
  logged_value_sink values_;
  callback_list callbacks_;
  std::shared_ptr<status_board> board_;
  std::shared_ptr<snapshot_cell> cell_;
  /// From here on actors end as they should.
  std::shared_ptr<std::atomic<bool>> ending_ =
    std::make_shared<std::atomic<bool>>(false);
  /// Written by one change at a time, with the mutex; read by others with it.
  registry registry_;
  mutable std::mutex registry_mutex_;
  /// The table that was checked; TABLE's own after the start.
  std::shared_ptr<table_versions> checked_;
  std::vector<unit_ptr> io_units_;
  /// Runs TABLE, GATEWAY, SUPERVISOR, and visitors that nobody hosts.
  std::shared_ptr<thread_unit> control_;
  /// Sets up inline models, which may take its time.
  std::shared_ptr<thread_unit> setup_;
  /// Begins the requests of pipelines that are not inline.
  std::shared_ptr<thread_unit> pipes_;
  /// Stands for the I/O thread where there is none.
  std::shared_ptr<thread_unit> inlined_;
  supervisor_actor supervisor_;
  gateway_actor gateway_;
  router_actor router_;
  std::vector<router_actor> io_routers_;
  table_actor table_;
};

} // namespace troupe
