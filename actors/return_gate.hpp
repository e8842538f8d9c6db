#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace troupe {

/// The way back from a user's code to a thread of ours. It can be closed while
/// the thread is inside: the thread then stops for ever where it would come
/// back, and touches nothing of ours any more. What it holds is lost.
///
/// The thread itself calls `enter`, `leave` and `pause`; the other members are
/// for other threads.
class return_gate {
public:
  /// Numbers the visits of the user's code.
  using visit = std::uint64_t;

  return_gate() = default;
  return_gate(const return_gate&) = delete;
  return_gate& operator=(const return_gate&) = delete;

  /// The thread goes into a user's code; nests.
  void enter() noexcept {
    if (depth_++ == 0)
      go_in();
  }

  /// It comes back. Does not return when the gate was closed.
  void leave() noexcept {
    if (--depth_ == 0)
      come_out();
  }

  /// Our own code runs for a while, called by the user's. Does not return when
  /// the gate was closed.
  /// @returns what `resume` needs
  [[nodiscard]] int pause() noexcept {
    if (depth_ > 0)
      come_out();
    return std::exchange(depth_, 0);
  }

  void resume(int depth) noexcept {
    depth_ = depth;
    if (depth > 0)
      go_in();
  }

  /// Returns the visit that goes on, or the last one.
  [[nodiscard]] visit last_visit() const noexcept {
    return visits_.load(std::memory_order_relaxed);
  }

  /// Closes the way back if that visit still goes on.
  /// @returns whether it does: nothing of ours is touched by the thread from
  ///          now on
  bool close(visit which) noexcept {
    auto expected = place::inside;
    return last_visit() == which
           && place_.compare_exchange_strong(expected, place::lost);
  }

private:
  enum class place : std::uint8_t { outside, inside, lost };

  void go_in() noexcept {
    visits_.fetch_add(1, std::memory_order_relaxed);
    place_.store(place::inside, std::memory_order_release);
  }

  void come_out() noexcept {
    auto expected = place::inside;
    if (place_.compare_exchange_strong(expected, place::outside))
      return;
    for (;;)
      place_.wait(place::lost);
  }

  std::atomic<place> place_{place::outside};
  std::atomic<visit> visits_{0};
  int depth_ = 0;
};

} // namespace troupe
