#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string_view>

namespace troupe {

/// Carries whole lines from the one thread that composes them to the one that
/// writes them, without a lock, without an allocation and without a copy.
/// Bounded.
class line_ring {
public:
  static constexpr std::size_t capacity = 256UL * 1024;
  static constexpr std::size_t longest_line = 4096;

  line_ring() : bytes_(std::make_unique<char[]>(capacity)) {
    // nop
  }

  /// For the thread that composes. @returns room for the longest line, in one
  /// piece; null when too much waits
  [[nodiscard]] char* room() noexcept {
    auto head = head_.load(std::memory_order_relaxed);
    // What is left of the turn stays empty where a line might not fit.
    if (const auto left = capacity - head % capacity; left <= longest_line)
      head += left;
    if (head + longest_line - tail_.load(std::memory_order_acquire) > capacity)
      return nullptr;
    begin_ = head;
    return bytes_.get() + head % capacity;
  }

  /// For the same thread: a line of `n` bytes is in the room.
  /// @returns how many bytes wait now
  std::size_t put(std::size_t n) noexcept {
    // Nobody looks at the end of an older turn: there is room in a new one only
    // when something of this one was taken.
    if (const auto head = head_.load(std::memory_order_relaxed); begin_ != head)
      turn_end_ = head;
    // Ordered before the look at whether the other thread sleeps.
    head_.store(begin_ + n, std::memory_order_seq_cst);
    return begin_ + n - tail_.load(std::memory_order_relaxed);
  }

  /// For the thread that writes: hands all that waits to `f`, as one or two
  /// pieces of whole lines, which live until it returns.
  template <class F>
  void take(F&& f) {
    const auto head = head_.load(std::memory_order_acquire);
    auto tail = tail_.load(std::memory_order_relaxed);
    if (tail / capacity != head / capacity) {
      give(tail, turn_end_, f);
      tail = head / capacity * capacity;
      tail_.store(tail, std::memory_order_release);
    }
    give(tail, head, f);
    tail_.store(head, std::memory_order_release);
  }

  [[nodiscard]] bool empty() const noexcept {
    return head_.load(std::memory_order_seq_cst)
           == tail_.load(std::memory_order_relaxed);
  }

private:
  template <class F>
  void give(std::size_t begin, std::size_t end, F& f) const {
    if (begin != end)
      f(std::string_view{bytes_.get() + begin % capacity, end - begin});
  }

  // Positions only grow; one turn of the ring is `capacity` of them.
  std::unique_ptr<char[]> bytes_;
  alignas(64) std::atomic<std::size_t> head_{0};
  /// Where the room that was given last begins.
  std::size_t begin_ = 0;
  /// Where the turn before that of `head_` ended.
  std::size_t turn_end_ = 0;
  alignas(64) std::atomic<std::size_t> tail_{0};
};

} // namespace troupe
