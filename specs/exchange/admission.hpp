#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace troupe {

/// How many exchanges a pool holds at once: those that wait and those that
/// run. CAF mailboxes have no bound, so nothing is posted to a pool without
/// a ticket from here. Thread-safe; one relaxed read-modify-write for a
/// request that is let in.
class admission {
public:
  explicit admission(std::size_t limit) noexcept : limit_(limit) {
    // nop
  }

  /// How far above the bound exchanges may go so that the queue decides about
  /// them; see `is_over`.
  static constexpr std::size_t overshoot = 32;

  /// Takes a ticket. @returns false when all are taken.
  /// @param above how far above the bound
  bool try_acquire(std::size_t above = 0) noexcept {
    auto n = taken_.fetch_add(1, std::memory_order_relaxed);
    if (n < limit_.load(std::memory_order_relaxed) + above)
      return true;
    taken_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }

  /// Gives a ticket back.
  void release() noexcept {
    taken_.fetch_sub(1, std::memory_order_relaxed);
  }

  /// Returns the number of tickets taken, for status only.
  [[nodiscard]] std::size_t taken() const noexcept {
    return taken_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::size_t limit() const noexcept {
    return limit_.load(std::memory_order_relaxed);
  }

  /// Returns whether more tickets are out than the bound has.
  [[nodiscard]] bool is_over() const noexcept {
    return taken() > limit();
  }

  /// Returns how long what waits will take, as the queue has measured it; zero
  /// when that is not known. For `Retry-After`.
  [[nodiscard]] std::chrono::milliseconds backlog() const noexcept {
    return std::chrono::milliseconds{backlog_.load(std::memory_order_relaxed)};
  }

  /// Sets it; called by the queue.
  void backlog(std::chrono::milliseconds x) noexcept {
    backlog_.store(x.count(), std::memory_order_relaxed);
  }

  /// Changes the bound; exchanges inside stay inside.
  void limit(std::size_t value) noexcept {
    limit_.store(value, std::memory_order_relaxed);
  }

  /// Raises the bound, for a worker that came.
  void grow(std::size_t n) noexcept {
    limit_.fetch_add(n, std::memory_order_relaxed);
  }

  /// Takes back what `grow` added.
  void shrink(std::size_t n) noexcept {
    limit_.fetch_sub(n, std::memory_order_relaxed);
  }

private:
  std::atomic<std::size_t> taken_{0};
  std::atomic<std::size_t> limit_;
  std::atomic<std::chrono::milliseconds::rep> backlog_{0};
};

/// One of the tickets of an `admission`, given back once: by `release` or at
/// the end of its life. Keeps the admission alive. Not thread-safe.
class admission_ticket {
public:
  admission_ticket() noexcept = default;

  /// Tries to take a ticket; `!ticket` when there was none.
  /// @param above how far above the bound it may go
  explicit admission_ticket(std::shared_ptr<admission> from,
                            std::size_t above = 0) noexcept {
    if (from == nullptr || !from->try_acquire(above))
      return;
    admission_ = std::move(from);
    above_ = above > 0 && admission_->is_over();
  }

  admission_ticket(admission_ticket&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)),
      above_(std::exchange(other.above_, false)) {
    // nop
  }

  admission_ticket& operator=(admission_ticket&& other) noexcept {
    if (this != &other) {
      release();
      admission_ = std::exchange(other.admission_, nullptr);
      above_ = std::exchange(other.above_, false);
    }
    return *this;
  }

  ~admission_ticket() {
    release();
  }

  void release() noexcept {
    if (admission_ != nullptr) {
      admission_->release();
      admission_ = nullptr;
    }
  }

  explicit operator bool() const noexcept {
    return admission_ != nullptr;
  }

  /// Returns whether it was taken above the bound and there are still too many:
  /// some exchange has to make room for it.
  [[nodiscard]] bool is_above() const noexcept {
    return above_ && admission_ != nullptr && admission_->is_over();
  }

private:
  std::shared_ptr<admission> admission_;
  bool above_ = false;
};

} // namespace troupe
