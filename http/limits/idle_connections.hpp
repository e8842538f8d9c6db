#pragma once

#include "troupe/http/limits/timer_wheel.hpp"

#include <boost/intrusive/list.hpp>

#include <atomic>

namespace troupe {

/// The connections of one thread that are between two requests, in the order
/// in which they fell idle: the first ones make room when the server is full.
/// For the thread, except for `oldest`. Never allocates.
class idle_connections {
public:
  using time_point = timer_wheel::time_point;

  /// Derive from it; leaves the list with its end.
  class member : public boost::intrusive::list_base_hook<
                   boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  public:
    member() = default;
    virtual ~member() = default;
    member(const member&) = delete;
    member& operator=(const member&) = delete;

    /// Closes unless a request is on its way already. @returns whether it
    /// closed
    virtual bool close_if_idle() = 0;

  private:
    friend class idle_connections;
    time_point since_{};
  };

  /// @param now not before that of the last call
  void add(member& x, time_point now) noexcept {
    x.unlink();
    x.since_ = now;
    list_.push_back(x);
    publish();
  }

  void remove(member& x) noexcept {
    if (!x.is_linked())
      return;
    x.unlink();
    publish();
  }

  /// Closes the one that has been idle for longest.
  /// @returns false when none could be closed
  bool close_oldest() {
    // One whose next request has arrived is about to leave the list; there are
    // seldom many of them.
    constexpr int most_tries = 16;
    int tries = 0;
    for (auto i = list_.begin(); i != list_.end() && tries < most_tries;
         ++tries) {
      // It leaves the list when it closes.
      auto& x = *i++;
      if (x.close_if_idle())
        return true;
    }
    return false;
  }

  /// Returns since when the oldest one is idle; `max()` when there is none.
  /// Safe from every thread.
  [[nodiscard]] time_point oldest() const noexcept {
    return time_point{
      time_point::duration{oldest_.load(std::memory_order_relaxed)}};
  }

private:
  void publish() noexcept {
    auto at = list_.empty() ? time_point::max() : list_.front().since_;
    oldest_.store(at.time_since_epoch().count(), std::memory_order_relaxed);
  }

  boost::intrusive::list<member, boost::intrusive::constant_time_size<false>>
    list_;
  std::atomic<time_point::rep> oldest_{
    time_point::max().time_since_epoch().count()};
};

} // namespace troupe
