#pragma once

#include "troupe/models/onnx/onnx_value.hpp"
#include "troupe/models/tensor/tensor.hpp"

#include <string>
#include <vector>

namespace troupe {

/// Whether requests may go through a model in one run, their tensors put one
/// after the other along axis 0, and the answers be cut out of the outputs.
struct onnx_stacking {
  /// The name of the first axes; "" when only the config says that rows are
  /// independent.
  std::string axis = {};
  /// Why requests may not be stacked, one place each; empty when they may.
  std::vector<std::string> against = {};
  /// Whether the config can allow it nevertheless.
  bool may_be_said = true;
  /// Optional inputs without rows: a request that gives one runs alone.
  std::vector<std::string> rowless = {};

  [[nodiscard]] bool allowed() const noexcept {
    return against.empty();
  }

  /// Returns why not, and what to do about `batch.max_size`.
  [[nodiscard]] std::string explain() const;
};

/// Looks whether the names of the axes prove that the outputs' rows are those
/// of the inputs: the first axis of each is free and has one name, which no
/// other axis has, and the other free axes of outputs are named as axes of
/// inputs, so that no row's size depends on its neighbours. Axes without a name
/// are not known to be equal.
/// @param said whether the config says that rows are independent: then the
///        first axes have to be free only
onnx_stacking find_stacking(const std::vector<tensor_spec>& inputs,
                            const std::vector<onnx_output>& outputs, bool said);

} // namespace troupe
