#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/http/connection/io_thread.hpp"
#include "troupe/http/front/listener.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace troupe {

class runtime;

/// The HTTP side of a server: I/O threads, the FRONT of each, the listener. Not
/// thread-safe; members that wait must not be called from actors.
class front_threads {
public:
  /// Binds the port and starts the threads. No connection is accepted yet.
  /// @throws start_error
  front_threads(caf::actor_system& sys,
                const std::shared_ptr<front_shared>& shared);
  /// As `stop`.
  ~front_threads();

  front_threads(const front_threads&) = delete;
  front_threads& operator=(const front_threads&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept {
    return listener_->port();
  }

  /// Returns where the actors of each thread live.
  [[nodiscard]] std::vector<unit_ptr> homes() const;

  /// Joins a runtime that has started with these homes, and accepts.
  /// @throws start_error
  void open(const runtime& rt);

  /// Returns the FRONT of each thread; empty before `open`.
  [[nodiscard]] const std::vector<front_actor>& fronts() const noexcept {
    return fronts_;
  }

  /// From now on every answer says `Connection: close`.
  void begin_draining() noexcept;

  /// Stops accepting and closes idle connections.
  /// @returns whether all requests in work were answered in time
  bool quiesce(std::chrono::milliseconds timeout);

  /// Leaves threads behind that do not come back from a user's code, and has
  /// others take their places.
  void replace_stuck();

  /// Closes every connection and ends the threads; one that does not come back
  /// from a user's code is left behind.
  /// @returns how many were, so far
  std::size_t stop();

private:
  /// @returns whether the listener was closed in time
  bool stop_accepting(std::chrono::milliseconds timeout);
  /// Sends every FRONT the same message. @returns whether all answered in time
  template <class Atom>
  bool tell_all(Atom what, std::chrono::milliseconds timeout);

  caf::actor_system& system_;
  std::vector<std::shared_ptr<io_thread>> threads_;
  std::shared_ptr<listener> listener_;
  /// One for each thread; the first accepts.
  std::vector<front_actor> fronts_;
  bool accepts_ = true;
  bool stopped_ = false;
  std::size_t left_behind_ = 0;
};

} // namespace troupe
