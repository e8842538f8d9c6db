#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>

namespace troupe {

/// The bytes of a streamed answer on their way from the producer's thread to
/// the connection's. Bounded: a producer on a thread of its own waits while
/// the reader is slow. Thread-safe.
class stream_pipe {
public:
  /// What waits for the connection before the producer has to, unless said
  /// otherwise. In bytes.
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
    bytes_.append(bytes);
    taken_ = true;
    return first ? result::notify : result::taken;
  }

  /// Takes everything that waits.
  /// @returns whether there was anything.
  bool take(std::string& out) {
    std::unique_lock guard{mutex_};
    out.clear();
    std::swap(out, bytes_);
    taken_ = false;
    room_.notify_all();
    return !out.empty();
  }

  [[nodiscard]] std::size_t size() const {
    std::unique_lock guard{mutex_};
    return bytes_.size();
  }

  /// Returns whether the credit is used up.
  [[nodiscard]] bool full() const {
    return size() >= credit_;
  }

  /// Tells the producer that nobody reads any more.
  void close() {
    std::unique_lock guard{mutex_};
    closed_ = true;
    room_.notify_all();
  }

private:
  const std::size_t credit_;
  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::string bytes_;
  /// Whether the connection was told and has not fetched yet.
  bool taken_ = false;
  bool closed_ = false;
};

} // namespace troupe
