#pragma once

#include "troupe/models/tensor/half.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace troupe {

enum class element_type : std::uint8_t {
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  boolean,
  float16,
  bfloat16,
  /// Texts; the only type whose elements are not bytes.
  string,
};

/// Returns e.g. `float32`; `bool` for booleans.
std::string_view to_string(element_type x) noexcept;

/// Returns how many bytes one element takes; 0 for strings.
std::size_t size_of(element_type x) noexcept;

/// Calls `f(std::type_identity<T>{})` with the C++ type of `x`.
/// @pre x is a type of numbers
template <class F>
decltype(auto) visit_type(element_type x, F&& f) {
  switch (x) {
    case element_type::float64:
      return f(std::type_identity<double>{});
    case element_type::int8:
      return f(std::type_identity<std::int8_t>{});
    case element_type::int16:
      return f(std::type_identity<std::int16_t>{});
    case element_type::int32:
      return f(std::type_identity<std::int32_t>{});
    case element_type::int64:
      return f(std::type_identity<std::int64_t>{});
    case element_type::uint8:
      return f(std::type_identity<std::uint8_t>{});
    case element_type::uint16:
      return f(std::type_identity<std::uint16_t>{});
    case element_type::uint32:
      return f(std::type_identity<std::uint32_t>{});
    case element_type::uint64:
      return f(std::type_identity<std::uint64_t>{});
    case element_type::boolean:
      return f(std::type_identity<bool>{});
    case element_type::float16:
      return f(std::type_identity<ieee_half>{});
    case element_type::bfloat16:
      return f(std::type_identity<brain_half>{});
    case element_type::float32:
    case element_type::string:
      break;
  }
  return f(std::type_identity<float>{});
}

/// Sizes of the axes, outermost first; empty for a scalar.
using tensor_shape = std::vector<std::int64_t>;

/// Returns e.g. `[1,3,8,8]`.
std::string shape_text(const tensor_shape& shape);

/// Multiplies the axes.
/// @returns nothing for a negative axis, or when the product (of the axes that
///          are not 0, so that the order does not matter) is out of range.
std::optional<std::size_t> element_count(const tensor_shape& shape) noexcept;

/// What a model says about one of its inputs or outputs.
struct tensor_spec {
  std::string name = {};
  element_type type = element_type::float32;
  /// Free axes are -1.
  tensor_shape shape = {};
  /// Names of the free axes, `""` for the others; may be shorter.
  std::vector<std::string> axes = {};
  /// Whether a request may leave it out: the model has a value of its own.
  bool optional = false;

  /// Returns whether `x` has the right rank and fixed axes.
  [[nodiscard]] bool admits(const tensor_shape& x) const noexcept;

  /// Returns whether the first axis is free.
  [[nodiscard]] bool has_rows() const noexcept {
    return !shape.empty() && shape.front() < 0;
  }

  /// Returns the name of a free axis; "" for one without, and for others.
  [[nodiscard]] std::string_view axis_name(std::size_t axis) const noexcept {
    return axis < axes.size() ? std::string_view{axes[axis]}
                              : std::string_view{};
  }
};

/// Returns e.g. `float32 [batch,1,8,?]`: the last axis is free, too, and has no
/// name.
std::string to_string(const tensor_spec& x);

/// A multi-dimensional array, row by row. A value.
struct tensor {
  std::string name = {};
  element_type type = element_type::float32;
  tensor_shape shape = {};
  /// The elements, unless they are strings.
  std::vector<std::byte> bytes = {};
  /// The elements, if they are strings.
  std::vector<std::string> texts = {};

  /// Returns the size of the first axis; 1 for a scalar.
  [[nodiscard]] std::size_t rows() const noexcept {
    return shape.empty() ? 1 : static_cast<std::size_t>(shape.front());
  }
};

/// Returns whether the tensors can be put one after the other along axis 0.
[[nodiscard]] bool stackable(const tensor& lhs, const tensor& rhs) noexcept;

/// Returns how many elements there are.
[[nodiscard]] std::size_t elements_of(const tensor& x) noexcept;

/// Appends the rows of `more`.
/// @pre stackable(to, more)
void append_rows(tensor& to, const tensor& more);

/// Copies `count` rows.
/// @pre first + count <= x.rows() and x is not a scalar
tensor take_rows(const tensor& x, std::size_t first, std::size_t count);

} // namespace troupe
