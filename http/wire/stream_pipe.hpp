#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// The bytes of a streamed answer on their way from the producer's thread to
/// the connection's. Bounded: a producer on a thread of its own waits while
/// the reader is slow. Thread-safe.
class stream_pipe {
public:
  /// How much may wait for the connection before the producer has to, by
  /// default. In bytes.
  static constexpr std::size_t default_credit = 64UL * 1024;

  explicit stream_pipe(std::size_t credit = default_credit) noexcept
    : credit_(credit) {
    // nop
  }

  enum class result : std::uint8_t {
    /// Taken; the connection knows of older bytes already.
    taken,
    /// Taken, and the connection must be told.
    notify,
    /// Nobody reads any more.
    closed,
  };

  /// Appends bytes. When the credit is used up and `may_block`, waits
  /// until it is not.
  result put(std::string_view bytes, bool may_block) {
    std::unique_lock guard{mutex_};
    if (may_block)
      room_.wait(guard, [this] { return closed_ || bytes_.size() < credit_; });
    if (closed_)
      return result::closed;
    auto first = bytes_.empty() && !taken_;
    make_room(bytes.size());
    bytes_.append(bytes);
    waiting_.store(bytes_.size(), std::memory_order_relaxed);
    taken_ = true;
    return first ? result::notify : result::taken;
  }

  /// Takes everything that waits.
  /// @returns whether there was anything.
  bool take(std::string& out) {
    std::unique_lock guard{mutex_};
    out.clear();
    std::swap(out, bytes_);
    waiting_.store(0, std::memory_order_relaxed);
    taken_ = false;
    room_.notify_all();
    return !out.empty();
  }

  /// Returns how many bytes wait; never blocks.
  [[nodiscard]] std::size_t size() const noexcept {
    return waiting_.load(std::memory_order_relaxed);
  }

  /// Returns whether the credit is used up; never blocks.
  [[nodiscard]] bool full() const noexcept {
    return size() >= credit_;
  }

  /// Tells the producer that nobody reads any more.
  void close() {
    std::unique_lock guard{mutex_};
    closed_ = true;
    room_.notify_all();
  }

private:
  /// A string doubles its memory when it grows: nearly twice the credit for
  /// each slow reader. There is no use for more than the credit and an item.
  void make_room(std::size_t more) {
    auto need = bytes_.size() + more;
    if (need <= bytes_.capacity())
      return;
    std::string larger;
    larger.reserve(
      std::max(need, std::min(2 * bytes_.capacity(), credit_ + more)));
    larger.append(bytes_);
    bytes_.swap(larger);
  }

  const std::size_t credit_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::string bytes_;
  /// The number of bytes that wait, to be read without the lock.
  std::atomic<std::size_t> waiting_{0};
  /// Whether the connection was told and has not fetched yet.
  bool taken_ = false;
  bool closed_ = false;
};

} // namespace troupe
