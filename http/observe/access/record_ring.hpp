#pragma once

#include "troupe/http/observe/access/access_record.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>

namespace troupe {

/// Carries access records from the one thread that makes them to the one that
/// writes them, without a lock and without an allocation. Bounded.
class record_ring {
public:
  static constexpr std::size_t capacity = 2048;

  record_ring() : slots_(std::make_unique<std::array<slot, capacity>>()) {
    // nop
  }

  /// For the thread that makes them. Texts that are too long are cut.
  /// @returns how many wait now; 0 when there was no room
  std::size_t put(const access_record& x) noexcept {
    const auto head = head_.load(std::memory_order_relaxed);
    const auto waiting = head - tail_.load(std::memory_order_acquire);
    if (waiting == capacity)
      return 0;
    (*slots_)[head % capacity].store(x);
    // Ordered before the look at whether the other thread sleeps.
    head_.store(head + 1, std::memory_order_seq_cst);
    return waiting + 1;
  }

  /// For the thread that writes them: hands all that wait to `f`, whose views
  /// live until it returns. @returns how many there were
  template <class F>
  std::size_t take(F&& f) {
    auto tail = tail_.load(std::memory_order_relaxed);
    const auto head = head_.load(std::memory_order_acquire);
    const auto n = head - tail;
    for (; tail != head; ++tail) {
      f((*slots_)[tail % capacity].record());
      tail_.store(tail + 1, std::memory_order_release);
    }
    return n;
  }

  [[nodiscard]] bool empty() const noexcept {
    return head_.load(std::memory_order_seq_cst)
           == tail_.load(std::memory_order_relaxed);
  }

private:
  /// A record with its texts.
  class slot {
  public:
    void store(const access_record& x) noexcept {
      record_ = x;
      auto* at = text_.data();
      for (auto [member, longest] : members) {
        auto& view = record_.*member;
        // One byte more than a line shows, so that it is seen to be cut.
        const auto n = std::min(view.size(), longest);
        if (n > 0)
          std::memcpy(at, view.data(), n);
        view = {at, n};
        at += n;
      }
    }

    [[nodiscard]] const access_record& record() const noexcept {
      return record_;
    }

  private:
    struct member_bound {
      std::string_view access_record::*member;
      std::size_t longest;
    };

    static constexpr std::array<member_bound, 6> members{
      {{&access_record::request_id, 129},
       {&access_record::method, 40},
       {&access_record::route, 201},
       {&access_record::path, 301},
       {&access_record::model, 129},
       {&access_record::client, 64}}};

    access_record record_;
    std::array<char, 864> text_;
  };

  std::unique_ptr<std::array<slot, capacity>> slots_;
  alignas(64) std::atomic<std::size_t> head_{0};
  alignas(64) std::atomic<std::size_t> tail_{0};
};

} // namespace troupe
