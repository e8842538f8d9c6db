#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace troupe {

/// Deadlines of many connections on one thread: setting, moving and clearing
/// one costs a few pointers and never allocates. Pure; the caller brings the
/// time. A deadline fires up to one granule late, never early.
class timer_wheel {
public:
  using clock = std::chrono::steady_clock;
  using time_point = clock::time_point;

  static constexpr std::chrono::milliseconds granule{5};

  /// Derive from it; `on_timer` is called when the deadline has passed. The
  /// object must not die while it is in a wheel.
  class entry {
  public:
    entry() = default;
    virtual ~entry() = default;
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;

    [[nodiscard]] bool armed() const noexcept {
      return prev_ != nullptr;
    }

    [[nodiscard]] time_point due() const noexcept {
      return due_;
    }

    /// Must not throw.
    virtual void on_timer() = 0;

  private:
    friend class timer_wheel;
    entry* prev_ = nullptr;
    entry* next_ = nullptr;
    time_point due_{};
  };

  explicit timer_wheel(time_point start);

  /// Sets or moves a deadline.
  void set(entry& e, time_point due) noexcept;

  /// Takes an entry out; nothing happens when it is not in.
  void clear(entry& e) noexcept;

  /// Calls `on_timer` of everything that is due; entries are taken out first
  /// and may set themselves again.
  void advance(time_point now);

  /// Returns when `advance` must be called next, at the latest; nothing when
  /// the wheel is empty.
  [[nodiscard]] std::optional<time_point> next() const noexcept;

  [[nodiscard]] std::size_t size() const noexcept {
    return size_;
  }

private:
  static constexpr std::size_t slot_count = 4096;

  /// The head of a slot's ring.
  struct ring final : entry {
    void on_timer() override {
      // nop
    }
  };

  [[nodiscard]] std::uint64_t tick_of(time_point t) const noexcept;
  static void unlink(entry& e) noexcept;

  time_point start_;
  std::uint64_t now_ = 0;
  std::size_t size_ = 0;
  std::vector<ring> slots_;
};

} // namespace troupe
