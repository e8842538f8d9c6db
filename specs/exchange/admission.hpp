#pragma once

#include <atomic>
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

  /// Takes a ticket. @returns false when all are taken.
  bool try_acquire() noexcept {
    auto n = taken_.fetch_add(1, std::memory_order_relaxed);
    if (n < limit_.load(std::memory_order_relaxed))
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
};

/// One of the tickets of an `admission`, given back once: by `release` or at
/// the end of its life. Keeps the admission alive. Not thread-safe.
class admission_ticket {
public:
  admission_ticket() noexcept = default;

  /// Tries to take a ticket; `!ticket` when there was none.
  explicit admission_ticket(std::shared_ptr<admission> from) noexcept {
    if (from != nullptr && from->try_acquire())
      admission_ = std::move(from);
  }

  admission_ticket(admission_ticket&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)) {
    // nop
  }

  admission_ticket& operator=(admission_ticket&& other) noexcept {
    if (this != &other) {
      release();
      admission_ = std::exchange(other.admission_, nullptr);
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

private:
  std::shared_ptr<admission> admission_;
};

} // namespace troupe
