#include "troupe/models/onnx/onnx_value.hpp"

#include "troupe/models/tensor/tensor_json.hpp"

namespace troupe {

std::string to_string(const onnx_output& x) {
  return x.other.empty() ? to_string(x.spec) : x.other;
}

const std::string& name_of(const onnx_value& x) noexcept {
  if (const auto* t = std::get_if<tensor>(&x))
    return t->name;
  return std::get_if<onnx_document>(&x)->name;
}

nlohmann::json to_json(const onnx_value& x) {
  if (const auto* t = std::get_if<tensor>(&x))
    return write_tensor(*t);
  return std::get_if<onnx_document>(&x)->value;
}

std::optional<std::size_t> rows_of(const onnx_value& x) noexcept {
  if (const auto* t = std::get_if<tensor>(&x))
    return t->shape.empty() ? std::nullopt : std::optional{t->rows()};
  const auto& value = std::get_if<onnx_document>(&x)->value;
  return value.is_array() ? std::optional{value.size()} : std::nullopt;
}

onnx_value take_rows(const onnx_value& x, std::size_t first,
                     std::size_t count) {
  if (const auto* t = std::get_if<tensor>(&x))
    return take_rows(*t, first, count);
  const auto& from = *std::get_if<onnx_document>(&x);
  auto begin = from.value.begin() + static_cast<std::ptrdiff_t>(first);
  auto end = begin + static_cast<std::ptrdiff_t>(count);
  return onnx_document{from.name, nlohmann::json::array_t(begin, end)};
}

} // namespace troupe
