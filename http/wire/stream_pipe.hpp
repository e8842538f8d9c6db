#pragma once

#include "troupe/http/wire/body_budget.hpp"
#include "troupe/http/wire/reader_patience.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// The bytes of a streamed answer on their way from the producer's thread to
/// the connection's. Bounded: a producer on a thread of its own waits while
/// the reader is slow, for a while; one that cannot wait is refused when it is
/// too far ahead. Thread-safe.
class stream_pipe {
public:
  /// How much may wait for the connection before the producer has to, by
  /// default. In bytes.
  static constexpr std::size_t default_credit = 64UL * 1024;

  struct bounds {
    /// In bytes: what the connection takes at a time, and how far the producer
    /// may be ahead in any case.
    std::size_t credit = default_credit;
    /// What a producer may be ahead before it waits, as long as the budget has
    /// it to spare.
    std::size_t backlog = 0;
    /// The same for one that cannot wait; more is refused.
    std::size_t most = 64UL * 1024 * 1024;
    /// See `reader_patience`.
    std::size_t pace = 0;
  };

  stream_pipe() : stream_pipe(bounds{}) {
    // nop
  }

  /// @param budget pays for what is beyond the credit; null has no bound
  /// @param content_type of the answer
  explicit stream_pipe(const bounds& limits,
                       std::shared_ptr<body_budget> budget = nullptr,
                       std::string content_type = {})
    : bounds_(limits),
      content_type_(std::move(content_type)),
      budget_(std::move(budget)),
      charge_(budget_ != nullptr ? body_charge{*budget_} : body_charge{}),
      patience_(limits.pace) {
    // nop
  }

  enum class result : std::uint8_t {
    /// Taken; the connection knows of older bytes already.
    taken,
    /// Taken, and the connection must be told.
    notify,
    /// Not taken: nobody reads any more, or the answer has its end.
    closed,
    /// Not taken: the reader held the producer up for too long, or is too far
    /// behind for one that cannot wait.
    too_slow,
  };

  /// How long the reader may hold producers up, in all; zero means for ever.
  using duration = std::chrono::milliseconds;

  [[nodiscard]] const std::string& content_type() const noexcept {
    return content_type_;
  }

  /// Appends bytes. When there is no room and `may_wait`, waits until there is.
  result put(std::string_view bytes, bool may_wait, duration longest = {}) {
    return put(std::span{&bytes, 1}, may_wait, longest);
  }

  /// The same for bytes in several parts.
  result put(std::span<const std::string_view> parts, bool may_wait,
             duration longest = {}) {
    std::size_t size = 0;
    for (auto x : parts)
      size += x.size();
    std::unique_lock guard{mutex_};
    if (may_wait && !closed_ && !has_room(size)
        && !wait_for_room(guard, size, longest))
      return result::too_slow;
    if (closed_)
      return result::closed;
    if (!may_wait && ahead() >= bounds_.credit && !has_room(size, bounds_.most))
      return result::too_slow;
    auto first = ahead() == 0 && !taken_;
    make_room(size);
    for (auto x : parts)
      bytes_.append(x);
    update();
    taken_ = true;
    if (!may_wait && !full_ && full()) {
      full_ = true;
      patience_.begin(clock::now());
    }
    return first ? result::notify : result::taken;
  }

  /// Takes what waits, up to the credit and an item.
  /// @returns whether there was anything.
  bool take(std::string& out) {
    std::unique_lock guard{mutex_};
    out.clear();
    if (head_ == 0 && bytes_.size() <= bounds_.credit + item_)
      std::swap(out, bytes_);
    else
      take_piece(out);
    taken_ = false;
    if (patience_.holds()) {
      patience_.earn(out.size(), clock::now());
      // The reader has caught up once the pipe is not full any more.
      if (full_ && ahead() < bounds_.credit) {
        full_ = false;
        patience_.end(clock::now());
      }
    }
    update();
    room_.notify_all();
    return !out.empty();
  }

  /// Returns how many bytes wait; never blocks.
  [[nodiscard]] std::size_t size() const noexcept {
    return waiting_.load(std::memory_order_relaxed);
  }

  /// Returns whether the credit is used up; never blocks.
  [[nodiscard]] bool full() const noexcept {
    return size() >= bounds_.credit;
  }

  /// Returns whether the reader has held producers up for longer than that;
  /// zero means for ever. One that cannot wait is held up while `full`.
  [[nodiscard]] bool overdue(duration longest) const {
    std::unique_lock guard{mutex_};
    return longest.count() > 0 && patience_.spent(clock::now()) >= longest;
  }

  /// Takes no more: nobody reads, or the answer has its end. What waits can
  /// still be taken.
  void close() {
    std::unique_lock guard{mutex_};
    closed_ = true;
    room_.notify_all();
  }

private:
  using clock = reader_patience::clock;

  [[nodiscard]] std::size_t ahead() const noexcept {
    return bytes_.size() - head_;
  }

  /// Returns whether this many more bytes may wait, and charges what they cost.
  [[nodiscard]] bool has_room(std::size_t more, std::size_t most) noexcept {
    return ahead() < most
           && charge_.resize_spare(ahead() + more - bounds_.credit);
  }

  [[nodiscard]] bool has_room(std::size_t more) noexcept {
    return ahead() < bounds_.credit
           || (ahead() < bounds_.backlog && has_room(more, bounds_.backlog));
  }

  /// @returns whether the reader was in time, or has left
  bool wait_for_room(std::unique_lock<std::mutex>& guard, std::size_t more,
                     duration longest) {
    auto ready = [&] { return closed_ || has_room(more); };
    auto in_time = true;
    patience_.begin(clock::now());
    if (longest.count() == 0) {
      room_.wait(guard, ready);
    } else {
      while (!ready()) {
        auto left = longest - patience_.spent(clock::now());
        in_time = left.count() > 0;
        if (!in_time)
          break;
        room_.wait_for(guard, left);
      }
    }
    patience_.end(clock::now());
    return in_time;
  }

  void take_piece(std::string& out) {
    auto n = std::min(ahead(), bounds_.credit);
    out.assign(bytes_, head_, n);
    head_ += n;
    // Moves each byte once or twice, however many wait.
    if (head_ >= bytes_.size() / 2) {
      bytes_.erase(0, std::exchange(head_, 0));
      if (bytes_.empty())
        bytes_.shrink_to_fit();
    }
  }

  void update() noexcept {
    waiting_.store(ahead(), std::memory_order_relaxed);
    if (charge_.size() > 0 && ahead() <= bounds_.credit)
      charge_.resize(0);
  }

  /// A string doubles its memory when it grows: nearly twice the credit for
  /// each slow reader. Few need more than the credit and an item.
  void make_room(std::size_t more) {
    item_ = more;
    auto need = bytes_.size() + more;
    auto capacity = bytes_.capacity();
    if (need <= capacity)
      return;
    auto usual = bounds_.credit + more;
    std::string larger;
    larger.reserve(std::max(need, need <= usual ? std::min(2 * capacity, usual)
                                                : 2 * capacity));
    larger.append(bytes_, head_);
    head_ = 0;
    bytes_.swap(larger);
  }

  const bounds bounds_;
  const std::string content_type_;
  /// Outlives the charge.
  std::shared_ptr<body_budget> budget_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::string bytes_;
  /// How many of them were taken.
  std::size_t head_ = 0;
  /// The last one's size.
  std::size_t item_ = 0;
  /// Of what is beyond the credit.
  body_charge charge_;
  /// The number of bytes that wait, to be read without the lock.
  std::atomic<std::size_t> waiting_{0};
  reader_patience patience_;
  /// Whether a producer that cannot wait found the credit used up.
  bool full_ = false;
  /// Whether the connection was told and has not fetched yet.
  bool taken_ = false;
  bool closed_ = false;
};

} // namespace troupe
