#include "troupe/models/onnx/onnx_types.hpp"

#include "troupe/models/onnx/onnx_error.hpp"
#include "troupe/models/tensor/tensor_json.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace troupe {

namespace {

using nlohmann::json;

struct type_row {
  ONNXTensorElementDataType theirs;
  std::optional<element_type> ours;
  /// In ONNX.
  const char* name;
};

constexpr type_row types[] = {
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, element_type::float32, "float"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, element_type::float64, "double"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, element_type::int8, "int8"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, element_type::int16, "int16"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, element_type::int32, "int32"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, element_type::int64, "int64"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, element_type::uint8, "uint8"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16, element_type::uint16, "uint16"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, element_type::uint32, "uint32"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64, element_type::uint64, "uint64"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, element_type::boolean, "bool"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, element_type::float16, "float16"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16, element_type::bfloat16, "bfloat16"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, element_type::string, "string"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX64, std::nullopt, "complex64"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX128, std::nullopt, "complex128"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FN, std::nullopt, "float8e4m3fn"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FNUZ, std::nullopt,
   "float8e4m3fnuz"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2, std::nullopt, "float8e5m2"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2FNUZ, std::nullopt,
   "float8e5m2fnuz"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT4, std::nullopt, "uint4"},
  {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT4, std::nullopt, "int4"},
};

std::string name_of(ONNXTensorElementDataType x) {
  for (const auto& t : types)
    if (t.theirs == x)
      return t.name;
  return "type " + std::to_string(static_cast<int>(x));
}

std::optional<element_type> to_ours(ONNXTensorElementDataType x) {
  for (const auto& t : types)
    if (t.theirs == x)
      return t.ours;
  return std::nullopt;
}

ONNXTensorElementDataType to_theirs(element_type x) {
  for (const auto& t : types)
    if (t.ours == x)
      return t.theirs;
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

/// Whether `to_json` takes it.
// Types are nested as deep as the model says.
// NOLINTNEXTLINE(misc-no-recursion)
bool has_form(const Ort::TypeInfo& type) {
  switch (type.GetONNXType()) {
    case ONNX_TYPE_TENSOR:
      return to_ours(type.GetTensorTypeAndShapeInfo().GetElementType())
        .has_value();
    case ONNX_TYPE_SEQUENCE:
      return has_form(type.GetSequenceTypeInfo().GetSequenceElementType());
    case ONNX_TYPE_MAP:
      return has_form(type.GetMapTypeInfo().GetMapValueType());
    default:
      return false;
  }
}

void copy_texts(const Ort::Value& value, std::size_t count,
                std::vector<std::string>& out) {
  std::string all(value.GetStringTensorDataLength(), '\0');
  std::vector<std::size_t> starts(count);
  value.GetStringTensorContent(all.data(), all.size(), starts.data(), count);
  for (std::size_t i = 0; i < count; ++i) {
    auto end = i + 1 < count ? starts[i + 1] : all.size();
    out.push_back(all.substr(starts[i], end - starts[i]));
  }
}

tensor copy_tensor(const Ort::Value& value, const std::string& name) {
  auto info = value.GetTensorTypeAndShapeInfo();
  auto type = to_ours(info.GetElementType());
  if (!type)
    throw onnx_error("the output \"" + name + "\" is a tensor of "
                     + name_of(info.GetElementType()));
  tensor result{name, *type, info.GetShape()};
  auto count = info.GetElementCount();
  if (count == 0)
    return result;
  if (*type == element_type::string) {
    copy_texts(value, count, result.texts);
    return result;
  }
  result.bytes.resize(count * size_of(*type));
  std::memcpy(result.bytes.data(), value.GetTensorRawData(),
              result.bytes.size());
  return result;
}

std::string key_text(const json& key) {
  return key.is_string() ? key.get<std::string>() : key.dump();
}

// As deep as the model's types.
// NOLINTNEXTLINE(misc-no-recursion)
json to_json(const Ort::Value& value, const std::string& name,
             OrtAllocator* allocator) {
  switch (value.GetTypeInfo().GetONNXType()) {
    case ONNX_TYPE_SEQUENCE: {
      json::array_t result;
      auto n = value.GetCount();
      result.reserve(n);
      for (std::size_t i = 0; i < n; ++i)
        result.push_back(to_json(value.GetValue(static_cast<int>(i), allocator),
                                 name, allocator));
      return result;
    }
    case ONNX_TYPE_MAP: {
      auto keys = to_json(value.GetValue(0, allocator), name, allocator);
      auto values = to_json(value.GetValue(1, allocator), name, allocator);
      auto result = json::object();
      for (std::size_t i = 0; i < keys.size() && i < values.size(); ++i)
        result[key_text(keys[i])] = std::move(values[i]);
      return result;
    }
    default:
      return write_tensor(copy_tensor(value, name));
  }
}

} // namespace

// NOLINTNEXTLINE(misc-no-recursion)
std::string type_text(const Ort::TypeInfo& type) {
  switch (type.GetONNXType()) {
    case ONNX_TYPE_TENSOR:
      return "tensor("
             + name_of(type.GetTensorTypeAndShapeInfo().GetElementType()) + ')';
    case ONNX_TYPE_SPARSETENSOR:
      return "sparse_tensor("
             + name_of(type.GetTensorTypeAndShapeInfo().GetElementType()) + ')';
    case ONNX_TYPE_SEQUENCE:
      return "sequence("
             + type_text(type.GetSequenceTypeInfo().GetSequenceElementType())
             + ')';
    case ONNX_TYPE_MAP: {
      auto map = type.GetMapTypeInfo();
      return "map(" + name_of(map.GetMapKeyType()) + ','
             + type_text(map.GetMapValueType()) + ')';
    }
    case ONNX_TYPE_OPTIONAL:
      return "optional("
             + type_text(type.GetOptionalTypeInfo().GetOptionalElementType())
             + ')';
    case ONNX_TYPE_OPAQUE:
      return "opaque";
    default:
      return "unknown";
  }
}

std::optional<tensor_spec> spec_of(std::string name,
                                   const Ort::TypeInfo& type) {
  if (type.GetONNXType() != ONNX_TYPE_TENSOR)
    return std::nullopt;
  auto info = type.GetTensorTypeAndShapeInfo();
  auto element = to_ours(info.GetElementType());
  if (!element)
    return std::nullopt;
  tensor_spec result{std::move(name), *element, info.GetShape(), {}};
  std::vector<const char*> axes(result.shape.size(), "");
  info.GetSymbolicDimensions(axes.data(), axes.size());
  result.axes.assign(axes.begin(), axes.end());
  return result;
}

std::optional<onnx_output> output_of(std::string name,
                                     const Ort::TypeInfo& type) {
  if (auto spec = spec_of(name, type))
    return onnx_output{std::move(*spec)};
  if (has_form(type))
    return onnx_output{std::move(name), type_text(type)};
  return std::nullopt;
}

Ort::Value make_value(tensor& x, const Ort::MemoryInfo& memory,
                      OrtAllocator* allocator) {
  if (x.type != element_type::string) {
    auto size = x.bytes.size();
    // The runtime wants an address even for no elements.
    x.bytes.reserve(1);
    return Ort::Value::CreateTensor(memory, x.bytes.data(), size,
                                    x.shape.data(), x.shape.size(),
                                    to_theirs(x.type));
  }
  auto result = Ort::Value::CreateTensor(allocator, x.shape.data(),
                                         x.shape.size(), to_theirs(x.type));
  // Not as C strings: a text may hold U+0000.
  for (std::size_t i = 0; i < x.texts.size(); ++i) {
    const auto& text = x.texts[i];
    auto* to = result.GetResizedStringTensorElementBuffer(i, text.size());
    std::copy(text.begin(), text.end(), to);
  }
  return result;
}

onnx_value copy_out(const Ort::Value& value, const onnx_output& output,
                    OrtAllocator* allocator) {
  const auto& name = output.spec.name;
  if (!output.other.empty())
    return onnx_document{name, to_json(value, name, allocator)};
  if (!value.HasValue() || !value.IsTensor())
    throw onnx_error("the output \"" + name + "\" is not a tensor");
  auto result = copy_tensor(value, name);
  if (result.type != output.spec.type)
    throw onnx_error("the output \"" + name
                     + "\" is of another type than the model says");
  return result;
}

} // namespace troupe
