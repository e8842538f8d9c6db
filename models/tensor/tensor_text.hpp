#pragma once

#include "troupe/models/tensor/tensor.hpp"
#include "troupe/specs/json/json_reader.hpp"

#include <optional>

namespace troupe {

/// Reads a tensor of numbers straight from JSON text, from the forms that
/// `read_tensor` takes, and passes it. Needs only the memory of the tensor, a
/// part of it twice while it grows.
/// @param in at the first token of the value
/// @returns nothing for what is not such a tensor, or is not plain enough to
///          know it in one pass; `read_tensor` says, of a document. Some of the
///          value is passed then.
/// @throws json_syntax_error, json_memory_error, json_budget_error
std::optional<tensor> read_tensor_text(json_reader& in, const tensor_spec& spec,
                                       bool null_is_nan = false);

} // namespace troupe
