#pragma once

// Between ONNX Runtime's values and ours; for onnx_session.cpp alone, which
// has initialised the library's interface.

#include "troupe/models/onnx/onnx_value.hpp"
#include "troupe/models/tensor/tensor.hpp"

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

#include <optional>
#include <string>

namespace troupe {

/// Returns a type as ONNX writes it, e.g. `sequence(map(int64,tensor(float)))`.
std::string type_text(const Ort::TypeInfo& type);

/// @returns nothing when no tensor of ours can hold it.
std::optional<tensor_spec> spec_of(std::string name, const Ort::TypeInfo& type);

/// @returns nothing when an answer has no form for it.
std::optional<onnx_output> output_of(std::string name,
                                     const Ort::TypeInfo& type);

/// Makes an input of `x`, whose bytes are used where they are.
Ort::Value make_value(tensor& x, const Ort::MemoryInfo& memory,
                      OrtAllocator* allocator);

/// @throws onnx_error when it is of another type than the model says
onnx_value copy_out(const Ort::Value& value, const onnx_output& output,
                    OrtAllocator* allocator);

} // namespace troupe
