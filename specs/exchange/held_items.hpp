#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace troupe {

/// How far a producer that does not wait may be ahead of a reader that is far
/// away, as the text of its items.
inline constexpr std::size_t max_held_bytes = 64UL * 1024 * 1024;

/// The items of a stream whose reader is far away and gives credit for each of
/// them: those for which there is none are held, in order and up to a bound.
/// Not synchronised.
template <class Item>
class held_items {
public:
  enum class verdict : std::uint8_t {
    /// Send the item now: its credit is taken.
    send,
    /// It is held, and comes by `next`.
    held,
    /// More would be held than may be. The item is left as it is.
    too_much,
  };

  /// @param credit for the first items
  /// @param max_bytes what the items that are held may have together
  explicit held_items(std::uint64_t credit,
                      std::size_t max_bytes = max_held_bytes)
    : credit_(credit), max_bytes_(max_bytes) {
    // nop
  }

  verdict add(Item& x, std::size_t bytes) {
    if (credit_ > 0 && items_.empty()) {
      --credit_;
      return verdict::send;
    }
    if (bytes > max_bytes_ - bytes_)
      return verdict::too_much;
    bytes_ += bytes;
    items_.push_back({std::move(x), bytes});
    return verdict::held;
  }

  void add_credit(std::uint64_t items) noexcept {
    credit_ += items;
  }

  /// Takes the next item that is held, when there is credit for it.
  std::optional<Item> next() {
    if (credit_ == 0 || items_.empty())
      return std::nullopt;
    --credit_;
    auto x = std::move(items_.front());
    items_.pop_front();
    bytes_ -= x.bytes;
    return std::move(x.value);
  }

  /// Forgets what is held.
  void clear() noexcept {
    items_.clear();
    bytes_ = 0;
  }

  [[nodiscard]] bool empty() const noexcept {
    return items_.empty();
  }

  [[nodiscard]] bool has_credit() const noexcept {
    return credit_ > 0;
  }

private:
  struct entry {
    Item value;
    std::size_t bytes;
  };

  std::uint64_t credit_;
  std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::deque<entry> items_;
};

} // namespace troupe
