#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <utility>

namespace troupe {

/// The members of one thread that have more to do than fits into a turn. The
/// thread looks at its sockets before each turn, so that a member with little
/// to do waits for one turn and not for all. Pure; for one thread.
class turn_queue {
public:
  /// Requests of one connection in a turn.
  static constexpr int turn_size = 16;

  /// The same when it has waited: so few that others hardly notice, and enough
  /// that looking at the sockets in between costs a few per cent.
  static constexpr int queued_turn = 4;

  /// When a turn ends although fewer requests were served: a member with one
  /// request waits for this long and one request more, however long each takes.
  static constexpr std::chrono::microseconds turn_time{25};

  class member {
  public:
    member() = default;
    virtual ~member() = default;
    member(const member&) = delete;
    member& operator=(const member&) = delete;

    /// Does what fits into `queued_turn`, and adds itself again when there is
    /// more.
    virtual void take_turn() = 0;
  };

  [[nodiscard]] bool empty() const noexcept {
    return waiting_.empty();
  }

  /// How much a member that has not waited may do: a turn, but only one request
  /// when others wait for theirs.
  [[nodiscard]] int fresh_turn() const noexcept {
    return waiting_.empty() ? turn_size : 1;
  }

  /// @returns whether to call `run_next` after the sockets were looked at; if
  ///          not, that is to come already
  [[nodiscard]] bool add(std::shared_ptr<member> x) {
    waiting_.push_back(std::move(x));
    return !std::exchange(scheduled_, true);
  }

  /// Gives the one that has waited longest its turn.
  /// @pre not empty
  /// @returns whether to call it again, as for `add`
  bool run_next() {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    next->take_turn();
    return scheduled_ = !waiting_.empty();
  }

  /// For a thread that goes on where another one stopped in a turn.
  /// @returns whether to call `run_next` after the sockets were looked at
  [[nodiscard]] bool resume() noexcept {
    return scheduled_ = !waiting_.empty();
  }

private:
  std::deque<std::shared_ptr<member>> waiting_;
  /// Whether `run_next` is to be called.
  bool scheduled_ = false;
};

} // namespace troupe
