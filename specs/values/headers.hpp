#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// Header fields in the order in which they came, names compared without case
/// (RFC 9110 section 5.1). A value: all text lives in one buffer, which is the
/// only allocation for the few fields that most requests have.
/// Views returned by the members die with the next modification.
class header_map {
public:
  struct field {
    std::string_view name;
    std::string_view value;
  };

  header_map() = default;

  header_map(
    std::initializer_list<std::pair<std::string_view, std::string_view>> xs);

  header_map(const header_map&) = default;
  header_map& operator=(const header_map&) = default;
  /// Leaves an empty map, as the assignment does.
  header_map(header_map&& other) noexcept
    : text_(std::move(other.text_)),
      size_(std::exchange(other.size_, 0)),
      first_(other.first_),
      more_(std::move(other.more_)) {
    other.text_.clear();
  }

  header_map& operator=(header_map&& other) noexcept {
    text_ = std::move(other.text_);
    other.text_.clear();
    first_ = other.first_;
    more_ = std::move(other.more_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  ~header_map() = default;

  /// Appends a field; an equal name is kept beside it.
  void add(std::string_view name, std::string_view value);

  /// Removes every field of that name, then appends this one.
  void set(std::string_view name, std::string_view value);

  /// Removes every field of that name.
  void remove(std::string_view name);

  /// Empties the map but keeps its memory.
  void clear() noexcept;

  /// Returns the first value, or nothing.
  [[nodiscard]] std::optional<std::string_view>
  find(std::string_view name) const noexcept;

  /// Returns the last value, or nothing: where a client sends a field that a
  /// proxy adds, too, the last one is the proxy's.
  [[nodiscard]] std::optional<std::string_view>
  find_last(std::string_view name) const noexcept;

  /// Returns how often the field is present.
  [[nodiscard]] std::size_t count(std::string_view name) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept {
    return size_;
  }

  [[nodiscard]] bool empty() const noexcept {
    return size_ == 0;
  }

  [[nodiscard]] field operator[](std::size_t index) const noexcept {
    return field_of(at(index));
  }

private:
  struct slot {
    std::uint32_t begin;
    std::uint32_t name_size;
    std::uint32_t value_size;
  };

  /// What most requests have.
  static constexpr std::size_t few = 8;

  [[nodiscard]] const slot& at(std::size_t index) const noexcept {
    return index < few ? first_[index] : more_[index - few];
  }

  [[nodiscard]] field field_of(const slot& x) const noexcept {
    const auto* first = text_.data() + x.begin;
    return {{first, x.name_size}, {first + x.name_size, x.value_size}};
  }

  void put(std::size_t index, slot x);
  void shrink(std::size_t size) noexcept;

  std::string text_;
  std::size_t size_ = 0;
  std::array<slot, few> first_{};
  /// Those behind the first.
  std::vector<slot> more_;
};

/// Compares ASCII text without case.
[[nodiscard]] bool iequals(std::string_view lhs, std::string_view rhs) noexcept;

/// Returns whether `text` can be sent as a field value: visible ASCII, space,
/// tab and bytes from 0x80 (RFC 9110 section 5.5); never CR, LF or NUL.
[[nodiscard]] bool is_field_value(std::string_view text) noexcept;

/// Returns whether `text` is a token (RFC 9110 section 5.6.2).
[[nodiscard]] bool is_token(std::string_view text) noexcept;

} // namespace troupe
