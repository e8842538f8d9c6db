#pragma once

#include "troupe/models/tensor/tensor.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace troupe {

/// What a model says about one of its outputs.
struct onnx_output {
  /*implicit*/ onnx_output(tensor_spec x) : spec(std::move(x)) {
    // nop
  }

  onnx_output(std::string name, std::string other_type)
    : other(std::move(other_type)) {
    spec.name = std::move(name);
  }

  /// For an output that is not a tensor, only the name counts.
  tensor_spec spec = {};
  /// The type of an output that is not a tensor, e.g.
  /// `sequence(map(int64,tensor(float)))`; "" for a tensor.
  std::string other = {};
};

/// Returns e.g. `float32 [batch,10]`, or the other type.
std::string to_string(const onnx_output& x);

/// An output that is not a tensor: an array for a sequence, an object for a
/// map.
struct onnx_document {
  std::string name = {};
  nlohmann::json value = {};
};

/// What a run gave for an output.
using onnx_value = std::variant<tensor, onnx_document>;

const std::string& name_of(const onnx_value& x) noexcept;

nlohmann::json to_json(const onnx_value& x);

/// Returns how many rows there are along the first axis, or elements in a
/// sequence; nothing for what has neither.
std::optional<std::size_t> rows_of(const onnx_value& x) noexcept;

/// Copies `count` rows.
/// @pre rows_of(x) >= first + count
onnx_value take_rows(const onnx_value& x, std::size_t first, std::size_t count);

} // namespace troupe
