#pragma once

#include "troupe/models/tensor/tensor.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>

namespace troupe {

/// Reads a tensor from one of three forms:
/// - nested arrays, whose depth and lengths are the shape;
/// - a flat array, when `spec` has at most one free axis, which the number of
///   elements then decides;
/// - an object `{"shape": [...], "data": [...]}`, the data flat or nested.
///
/// Never wraps or rounds an integer; the type must fit. A real number is
/// rounded to the nearest that the type has, and must not become an infinity.
/// @param null_is_nan whether a null among real numbers is a NaN, which JSON
///        cannot write
/// @throws validation_error that names the tensor, what was expected and what
///         came, e.g. `image: expected float32 [N,1,8,8], got [1,1,8,7]`.
tensor read_tensor(const nlohmann::json& j, const tensor_spec& spec,
                   bool null_is_nan = false);

/// Lets the number of elements decide the one free axis of a shape.
/// @returns nothing when there are several, or the number does not fit
std::optional<tensor_shape> resolve_flat(const tensor_spec& spec,
                                         std::size_t count);

/// Writes nested arrays, or one element for a scalar. A number of 16 or 32 bits
/// gets as many digits as it needs to come back as the same.
nlohmann::json write_tensor(const tensor& x);

/// Returns whether no element is a NaN or an infinity, which JSON cannot write.
bool is_finite(const tensor& x);

/// Reads the element at a flat index as JSON.
/// @pre index is in range
nlohmann::json element_at(const tensor& x, std::size_t index);

} // namespace troupe
