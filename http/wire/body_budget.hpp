#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <limits>
#include <utility>

namespace troupe {

/// How much all request bodies may take in memory together, from their arrival
/// until their requests are released. Bodies in files do not count.
/// Thread-safe.
class body_budget {
public:
  /// A body from here on is a large one. In bytes.
  static constexpr std::size_t large = 1024UL * 1024;

  /// @param limit in bytes
  explicit body_budget(
    std::size_t limit = std::numeric_limits<std::size_t>::max()) noexcept
    : limit_(limit) {
    // nop
  }

  /// Called after a large body was given back, on any thread; must not wait or
  /// throw. Set before the first body.
  std::function<void()> on_large_release = {};

  /// Takes bytes; @returns whether that many were left.
  bool take(std::size_t bytes) noexcept {
    auto before = used_.fetch_add(bytes, std::memory_order_relaxed);
    if (before <= limit_ && bytes <= limit_ - before)
      return true;
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }

  void give_back(std::size_t bytes) noexcept {
    used_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  [[nodiscard]] std::size_t used() const noexcept {
    return used_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::size_t limit() const noexcept {
    return limit_;
  }

private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
};

/// The part of the budget that one body has; given back with this. Used by one
/// thread at a time.
class body_charge {
public:
  body_charge() = default;

  /// @param budget outlives this
  explicit body_charge(body_budget& budget) noexcept : budget_(&budget) {
    // nop
  }

  body_charge(body_charge&& other) noexcept
    : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {
    // nop
  }

  body_charge& operator=(body_charge&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  ~body_charge() {
    if (bytes_ == 0)
      return;
    budget_->give_back(bytes_);
    if (bytes_ >= body_budget::large && budget_->on_large_release)
      budget_->on_large_release();
  }

  /// Makes it that large.
  /// @returns false, and changes nothing, when the budget does not have that
  /// much
  bool resize(std::size_t bytes) noexcept {
    if (bytes == bytes_ || budget_ == nullptr)
      return true;
    if (bytes > bytes_) {
      if (!budget_->take(bytes - bytes_))
        return false;
    } else {
      budget_->give_back(bytes_ - bytes);
    }
    bytes_ = bytes;
    return true;
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return bytes_;
  }

private:
  body_budget* budget_ = nullptr;
  std::size_t bytes_ = 0;
};

} // namespace troupe
