#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

/// Immutable bytes with shared ownership: a copy costs a reference count, and
/// the bytes stay as long as any copy does, in memory or in a file that is
/// mapped. A value; copies may be used by different threads.
class shared_bytes {
public:
  shared_bytes() = default;
  shared_bytes(const shared_bytes&) = default;
  shared_bytes& operator=(const shared_bytes&) = default;
  ~shared_bytes() = default;

  // An object that was moved from is empty.
  shared_bytes(shared_bytes&& other) noexcept
    : owner_(std::move(other.owner_)),
      view_(std::exchange(other.view_, std::string_view{})) {
    // nop
  }

  shared_bytes& operator=(shared_bytes&& other) noexcept {
    owner_ = std::move(other.owner_);
    view_ = std::exchange(other.view_, std::string_view{});
    return *this;
  }

  /// Takes the bytes over.
  explicit shared_bytes(std::string bytes) {
    auto owner = std::make_shared<const std::string>(std::move(bytes));
    view_ = *owner;
    owner_ = std::move(owner);
  }

  /// @param owner keeps what `view` points to
  shared_bytes(std::shared_ptr<const void> owner, std::string_view view)
    : owner_(std::move(owner)), view_(view) {
    // nop
  }

  /// Returns a part that keeps the whole alive.
  /// @pre `part` lies within `view()`
  [[nodiscard]] shared_bytes part(std::string_view part) const {
    return {owner_, part};
  }

  /// The view lives as long as any copy of this.
  [[nodiscard]] std::string_view view() const noexcept {
    return view_;
  }

  /*implicit*/ operator std::string_view() const noexcept {
    return view_;
  }

  [[nodiscard]] const char* data() const noexcept {
    return view_.data();
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return view_.size();
  }

  [[nodiscard]] bool empty() const noexcept {
    return view_.empty();
  }

  friend bool operator==(const shared_bytes& lhs,
                         std::string_view rhs) noexcept {
    return lhs.view_ == rhs;
  }

private:
  std::shared_ptr<const void> owner_;
  std::string_view view_;
};

} // namespace troupe
