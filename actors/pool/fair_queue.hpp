#pragma once

#include "troupe/specs/exchange/exchange.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

/// The position of a request in a `fair_queue`.
struct queue_position {
  /// From 0, the most urgent, to 7; see RFC 9218.
  std::uint8_t urgency = 3;
  /// The client; requests with the same text share a part.
  std::string client = {};
  /// How large that part is; above 0.
  double weight = 1;
};

/// What waits for a worker, in the order in which it is taken: the more urgent
/// first, and among those of one urgency each client in turn, by its weight
/// (start-time fair queueing: Goyal, Vin, Cheng, SIGCOMM 1996, with a cost of 1
/// for each request). With a single client it is a plain queue. Not
/// thread-safe.
class fair_queue {
public:
  using time_point = deadline_clock::time_point;

  struct item {
    exchange_ptr ex = {};
    time_point since = {};
  };

  static constexpr std::size_t urgencies = 8;

  /// Returns how many wait.
  [[nodiscard]] std::size_t size() const noexcept {
    return size_;
  }

  [[nodiscard]] bool empty() const noexcept {
    return size_ == 0;
  }

  /// Takes one in, after those of its client.
  void push(item x, const queue_position& at);

  /// Puts one back that was taken: it is the next.
  void push_front(item x);

  /// Returns the one to be taken next. @pre !empty()
  [[nodiscard]] const item& front() const;

  /// Takes it. @pre !empty()
  item pop();

  /// Returns when the request came that has waited longest. @pre !empty() Takes
  /// as long as there are clients.
  [[nodiscard]] time_point oldest() const;

  /// Returns about how many will be taken before one that comes now. An
  /// estimate: clients that come later are not in it.
  [[nodiscard]] std::size_t ahead_of(const queue_position& x) const;

  /// Returns whether something waits that was not put back.
  [[nodiscard]] bool has_fresh() const noexcept {
    return size_ > front_.size();
  }

  /// Takes out a request for which there is no room: among the least urgent,
  /// the newest of the client that has the most for its weight.
  /// @param newcomer the position of the request that came last
  /// @pre has_fresh()
  item evict(const queue_position& newcomer);

  /// Takes out what `f(exchange&)` is true for.
  template <class F>
  void erase_if(F f) {
    auto goes = [&f](const item& x) { return f(*x.ex); };
    size_ -= std::erase_if(front_, goes);
    for (auto& group : levels_) {
      auto gone = std::erase_if(group.main.items, goes);
      for (auto& [name, x] : group.others)
        gone += std::erase_if(x.items, goes);
      if (gone > 0)
        group.repair(gone);
      size_ -= gone;
    }
  }

  /// Calls `f(exchange&)` for each, and takes all of them out.
  template <class F>
  void clear(F f) {
    erase_if([&f](exchange& x) {
      f(x);
      return true;
    });
  }

private:
  /// What one client has waiting.
  struct flow {
    std::deque<item> items = {};
    /// When its first one is due, in the level's virtual time.
    double tag = 0;
    double weight = 1;

    [[nodiscard]] double share() const noexcept {
      return static_cast<double>(items.size()) / weight;
    }
  };

  /// The clients of one urgency.
  struct level {
    /// Of requests without a client.
    flow main = {};
    std::unordered_map<std::string, flow> others = {};
    /// Those that have something waiting; the smallest tag first.
    std::vector<flow*> heap = {};
    double now = 0;
    double weights = 0;
    std::size_t size = 0;

    flow& flow_of(const queue_position& x);
    /// Returns null for a client that is not known.
    template <class Level>
    static auto find(Level& in, const queue_position& x) -> decltype(&in.main);
    void push(item x, const queue_position& at);
    item pop();
    item evict(const queue_position* newcomer);
    void leave(const flow& x);
    /// After items went out of order.
    void repair(std::size_t gone);
    void forget_idle_clients();
  };

  /// What was put back.
  std::deque<item> front_;
  std::array<level, urgencies> levels_;
  std::size_t size_ = 0;
};

} // namespace troupe
