#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace troupe {

/// Bytes read and not yet parsed, with a bound. Unlike a `flat_buffer` it may
/// be consumed while a read into its free end is under way.
class input_buffer {
public:
  static constexpr std::size_t first_capacity = 8UL * 1024;
  static constexpr std::size_t max_capacity = 64UL * 1024;

  [[nodiscard]] std::string_view data() const noexcept {
    return {memory_.get() + begin_, end_ - begin_};
  }

  [[nodiscard]] bool empty() const noexcept {
    return begin_ == end_;
  }

  void consume(std::size_t n) noexcept {
    begin_ += n;
  }

  /// Whether it has more memory than the first.
  [[nodiscard]] bool large() const noexcept {
    return capacity_ > first_capacity;
  }

  /// Makes room and returns it; empty when the bound is reached. Only while no
  /// read is under way.
  /// @param may_enlarge whether it may take more memory for speed alone
  std::pair<char*, std::size_t> prepare(bool may_enlarge = true) {
    // A read has filled the buffer and all of it was taken, as for a large
    // body: larger reads are fewer.
    auto larger = begin_ == end_ && filled_ && may_enlarge;
    if (begin_ == end_)
      begin_ = end_ = 0;
    if (end_ == capacity_ && begin_ > 0)
      compact(memory_.get());
    if ((end_ == capacity_ || larger) && capacity_ < max_capacity)
      grow(larger ? max_capacity : capacity_ * 2);
    return {memory_.get() + end_, capacity_ - end_};
  }

  /// Takes in what was read into the prepared room.
  void commit(std::size_t n) noexcept {
    end_ += n;
    filled_ = end_ == capacity_;
  }

  /// Gives memory beyond the first back when there is nothing in it. Only
  /// while no read is under way.
  void trim() noexcept {
    if (begin_ != end_ || !large())
      return;
    memory_.reset();
    begin_ = end_ = capacity_ = 0;
    filled_ = false;
  }

private:
  void compact(char* target) noexcept {
    std::memmove(target, memory_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }

  void grow(std::size_t capacity) {
    capacity = std::max(capacity, first_capacity);
    // Not zeroed: a read fills it.
    std::unique_ptr<char[]> bigger{new char[capacity]};
    if (end_ > begin_)
      compact(bigger.get());
    else
      begin_ = end_ = 0;
    memory_ = std::move(bigger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;
};

} // namespace troupe
