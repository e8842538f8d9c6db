#pragma once

#include "troupe/specs/json/json_reader.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <utility>

namespace troupe {

/// The memory that all request bodies may take together, with the values that
/// are read from them as JSON, from their arrival until their requests are
/// released; and the parts of streams that wait for slow readers. Large answers
/// count from when they are made until they are sent: they are never refused,
/// but leave less for bodies. Bodies in files do not count. Thread-safe.
class body_budget {
public:
  /// A body from here on is a large one. In bytes.
  static constexpr std::size_t large = 1024UL * 1024;

  /// So much of smaller ones is as good as a large one. In bytes.
  static constexpr std::size_t many = 64 * large;

  /// Smaller ones are not worth the counting. In bytes.
  static constexpr std::size_t small = 16UL * 1024;

  /// @param limit in bytes
  explicit body_budget(
    std::size_t limit = std::numeric_limits<std::size_t>::max()) noexcept
    : limit_(limit) {
    // nop
  }

  /// Called after a large body or answer was given back, or many smaller ones,
  /// on any thread; must not wait or throw. Set before the first body.
  std::function<void()> on_large_release = {};

  /// Takes bytes; @returns whether that many were left.
  bool take(std::size_t bytes) noexcept {
    auto before = used_.fetch_add(bytes, std::memory_order_relaxed);
    auto all = before + answers_.load(std::memory_order_relaxed);
    if (all <= limit_ && bytes <= limit_ - all)
      return true;
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }

  /// The same for memory that is not essential: the second half is left to
  /// essential uses.
  bool take_spare(std::size_t bytes) noexcept {
    const auto taken = used() + answers_.load(std::memory_order_relaxed);
    if (taken > limit_ / 2 || bytes > limit_ / 2 - taken)
      return false;
    return take(bytes);
  }

  void give_back(std::size_t bytes) noexcept {
    used_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  /// Counts an answer that is there already, or one that is gone.
  void add_answer(std::size_t bytes) noexcept {
    answers_.fetch_add(bytes, std::memory_order_relaxed);
  }

  void remove_answer(std::size_t bytes) noexcept {
    answers_.fetch_sub(bytes, std::memory_order_relaxed);
  }

  /// Takes note that a body or an answer was freed.
  void freed(std::size_t bytes) {
    if (bytes < small || !on_large_release)
      return;
    if (bytes < large
        && freed_.fetch_add(bytes, std::memory_order_relaxed) + bytes < many)
      return;
    freed_.store(0, std::memory_order_relaxed);
    on_large_release();
  }

  /// Returns what bodies, their values and streams take.
  [[nodiscard]] std::size_t used() const noexcept {
    return used_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::size_t limit() const noexcept {
    return limit_;
  }

private:
  const std::size_t limit_;
  std::atomic<std::size_t> used_{0};
  std::atomic<std::size_t> answers_{0};
  /// Of smaller ones, since the last call.
  std::atomic<std::size_t> freed_{0};
};

/// A large answer's part of the budget, from when it is made until this is
/// gone.
class answer_charge {
public:
  answer_charge() = default;

  /// Counts nothing of a small one.
  answer_charge(const std::shared_ptr<body_budget>& budget, std::size_t bytes) {
    if (bytes < body_budget::small)
      return;
    budget_ = budget;
    bytes_ = bytes;
    budget_->add_answer(bytes_);
  }

  answer_charge(answer_charge&& other) noexcept
    : budget_(std::move(other.budget_)),
      bytes_(std::exchange(other.bytes_, 0)) {
    // nop
  }

  answer_charge& operator=(answer_charge&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  ~answer_charge() {
    if (budget_ == nullptr)
      return;
    budget_->remove_answer(bytes_);
    budget_->freed(bytes_);
  }

private:
  std::shared_ptr<body_budget> budget_;
  std::size_t bytes_ = 0;
};

/// The part of the budget that one body or stream has; given back with this.
/// Used by one thread at a time.
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
    budget_->freed(bytes_);
  }

  /// Makes it that large.
  /// @returns false, and changes nothing, when the budget does not have that
  /// much
  bool resize(std::size_t bytes) noexcept {
    return resize_by(&body_budget::take, bytes);
  }

  /// The same for memory that is not essential, see `body_budget::take_spare`.
  bool resize_spare(std::size_t bytes) noexcept {
    return resize_by(&body_budget::take_spare, bytes);
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return bytes_;
  }

private:
  bool resize_by(bool (body_budget::*take)(std::size_t) noexcept,
                 std::size_t bytes) noexcept {
    if (bytes == bytes_ || budget_ == nullptr)
      return true;
    if (bytes > bytes_) {
      if (!(budget_->*take)(bytes - bytes_))
        return false;
    } else {
      budget_->give_back(bytes_ - bytes);
    }
    bytes_ = bytes;
    return true;
  }

  body_budget* budget_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Pays for the values of a request's JSON. Thread-safe: copies of a request
/// may be read by several threads.
class json_charge final : public json_budget {
public:
  /// @param budget never null
  explicit json_charge(std::shared_ptr<body_budget> budget)
    : budget_(std::move(budget)), charge_(*budget_) {
    // nop
  }

  bool take(std::size_t bytes) noexcept override {
    std::unique_lock guard{mutex_};
    return charge_.resize(charge_.size() + bytes);
  }

private:
  std::mutex mutex_;
  std::shared_ptr<body_budget> budget_;
  body_charge charge_;
};

} // namespace troupe
