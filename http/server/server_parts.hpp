#pragma once

#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/http/cluster/cluster_link.hpp"
#include "troupe/http/server.hpp"
#include "troupe/http/server/changes/change_parts.hpp"
#include "troupe/http/server/front_threads.hpp"
#include "troupe/http/server/own_system.hpp"
#include "troupe/http/server/route_sets.hpp"
#include "troupe/http/server/server_log.hpp"
#include "troupe/http/server/server_observers.hpp"
#include "troupe/http/server/signal_wait.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace troupe {

/// What a program wants to be told.
struct program_callbacks {
  std::function<void(const std::string&)> failed = {};
  std::function<void(const given_up_model&)> given_up = {};
};

/// The parts of a server, and how they are put together; `server` says in which
/// order they start and stop. Thread-safe where it is said, and for `port`,
/// `failed`, `started` and `stop_request`.
class server_parts {
public:
  /// @param host null for a system of our own
  server_parts(caf::actor_system* host, server_options opts, log_sink sink);

  /// Whether the actor system is the host's.
  [[nodiscard]] bool is_embedded() const noexcept {
    return host_system_ != nullptr;
  }

  /// Returns the runtime, which is made by the first call.
  runtime& rt();

  /// Adds a route to the server itself, before the start or after it.
  void add_route(method_set methods, std::string pattern, handler h,
                 endpoint e);

  /// Gives the routes that were added so far to the runtime, and the admin
  /// endpoints.
  void register_routes();

  /// Runs a change of what is served when no other one runs; on any thread but
  /// the server's own, which the change may need.
  /// @param what the change, for those that are refused meanwhile
  /// @throws std::logic_error on a thread of the server; change_refused; what
  ///         the change throws, `std::invalid_argument` as a start_error
  template <class F>
  auto changing(std::string what, F&& change);

  /// Makes the changes of a running server, all or none of them. With the turn.
  /// @throws as `server::change`
  void apply(server_change x);

  /// Runs a change of the link's on the thread of the changes.
  /// @throws change_refused
  std::shared_ptr<ordered_change> order_reload();

  /// Takes the turn for a change, as `changing` does.
  [[nodiscard]] change_desk::turn turn(std::string what);

  /// Looks for changes of files from now on, if the link asks for it.
  void watch_config();

  /// Refuses further changes and waits for the one that runs, which ends soon
  /// while the board says that the server stops.
  void end_changes();

  /// See `server`. Within a change.
  /// @throws std::invalid_argument, start_error
  void scale(const std::string& name, worker_range workers);
  void revive(const std::string& name);

  /// @throws start_error after the start; `what` is the caller
  void must_not_have_started(const char* what) const;

  /// Whether somebody can read what is counted.
  [[nodiscard]] bool has_metrics() const noexcept;

  /// Before the runtime starts.
  void start_observers();

  /// Lets nodes join, and joins a front, as the options say. After the
  /// runtime's start.
  /// @throws start_error
  void start_cluster();

  /// Binds the port and starts the I/O threads.
  void start_front();

  /// Shows the actors to the admin endpoints, from the start on until they end.
  void open_view();
  void close_view();

  server_options options;
  server_log logs;
  log_sink log;
  /// The system in use; null before `rt`.
  caf::actor_system* system = nullptr;

private:
  void on_failure(const std::string& why);
  void on_give_up(const given_up_model& x);
  /// Calls what the program gave, whose exceptions end here.
  template <class F, class T>
  void call_told(const char* what, const F& f, const T& x);
  [[nodiscard]] std::shared_ptr<spec> make_admin_spec();
  [[nodiscard]] std::shared_ptr<front_shared>
  make_shared_front(const server_options& next);
  [[nodiscard]] std::shared_ptr<front_shared>
  changed_front(const server_options& next);

  caf::actor_system* host_system_;
  std::optional<own_system> own_;
  std::optional<runtime> rt_;
  route_sets routes_;

public:
  /// Null before the start and without HTTP. Ends before the runtime.
  std::optional<front_threads> http;
  /// Null without one. Ends before the runtime.
  std::optional<cluster_link> cluster;
  server_observers observers;
  change_parts changes;
  /// What the program added, outermost first.
  middleware_list middlewares;
  program_callbacks told;
  notification stop_request;
  std::atomic<bool> failed{false};
  bool start_called = false;
  std::atomic<bool> started = false;
  std::atomic<std::uint16_t> port = 0;
};

/// Runs a declaration; what is wrong with it is a start_error.
template <class F>
void declared(F&& f) {
  try {
    f();
  } catch (const std::invalid_argument& e) {
    throw start_error(e.what());
  }
}

template <class F>
auto server_parts::changing(std::string what, F&& change) {
  auto mine = turn(std::move(what));
  try {
    return change();
  } catch (const std::invalid_argument& e) {
    throw start_error(e.what());
  }
}

} // namespace troupe
