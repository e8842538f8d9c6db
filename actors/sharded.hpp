#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace troupe {

/// Handles of actors that do the same: one for all I/O threads, or one for
/// each, so that what a thread has read never meets another thread. A value.
template <class Handle>
class sharded {
public:
  sharded() = default;

  template <std::convertible_to<Handle> T>
  /*implicit*/ sharded(T one) {
    if (one != nullptr)
      all_.push_back(std::move(one));
  }

  explicit sharded(std::vector<Handle> all) : all_(std::move(all)) {
    // nop
  }

  /// Returns whether there is no handle.
  [[nodiscard]] bool empty() const noexcept {
    return all_.empty();
  }

  /// Returns the handle for what came from the I/O thread with that number.
  /// @pre !empty()
  [[nodiscard]] const Handle& of(std::uint32_t shard) const noexcept {
    return shard < all_.size() ? all_[shard] : all_[shard % all_.size()];
  }

  [[nodiscard]] const std::vector<Handle>& all() const noexcept {
    return all_;
  }

  friend bool operator==(const sharded&, const sharded&) = default;

private:
  std::vector<Handle> all_;
};

} // namespace troupe
