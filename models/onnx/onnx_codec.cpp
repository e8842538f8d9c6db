#include "troupe/models/onnx/onnx_codec.hpp"

#include "troupe/models/tensor/image.hpp"
#include "troupe/models/tensor/tensor_json.hpp"
#include "troupe/specs/input/body.hpp"
#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/finite.hpp"
#include "troupe/specs/values/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <stdexcept>

namespace troupe {

namespace {

using nlohmann::json;

std::string first_axis(const tensor_spec& x) {
  return x.axes.empty() ? std::string{} : x.axes.front();
}

std::string join_names(const std::vector<tensor_spec>& xs) {
  std::string result;
  for (const auto& x : xs) {
    if (!result.empty())
      result += ", ";
    result += x.name;
  }
  return result;
}

std::string axis_text(std::int64_t n) {
  return n < 0 ? "any" : std::to_string(n);
}

std::size_t largest(const tensor& x, std::size_t first, std::size_t count) {
  return visit_type(x.type, [&]<class T>(std::type_identity<T>) {
    std::size_t best = 0;
    T best_value{};
    for (std::size_t i = 0; i < count; ++i) {
      T value;
      std::memcpy(&value, x.bytes.data() + (first + i) * sizeof(T), sizeof(T));
      auto better = i == 0 || value > best_value;
      // Nothing compares with a NaN, so anything is better.
      if constexpr (std::is_floating_point_v<T>)
        better = better || (std::isnan(best_value) && !std::isnan(value));
      if (better) {
        best = i;
        best_value = value;
      }
    }
    return best;
  });
}

// As deep as the tensors have axes.
// NOLINTNEXTLINE(misc-no-recursion)
void nullify(json& x) {
  if (x.is_structured())
    for (auto& y : x)
      nullify(y);
  else if (x.is_number_float() && !std::isfinite(x.get<double>()))
    x = nullptr;
}

} // namespace

onnx_codec::onnx_codec(std::vector<tensor_spec> inputs,
                       std::vector<tensor_spec> outputs,
                       onnx_codec_options options)
  : inputs_(std::move(inputs)),
    outputs_(std::move(outputs)),
    options_(std::move(options)) {
  auto same = [this](const tensor_spec& x) {
    return x.has_rows() && first_axis(x) == first_axis(inputs_.front());
  };
  auto has_rows = [](const tensor_spec& x) { return x.has_rows(); };
  batchable_ = !inputs_.empty()
               && std::all_of(inputs_.begin(), inputs_.end(), same)
               && std::all_of(outputs_.begin(), outputs_.end(), has_rows);
  if (options_.classify.empty())
    return;
  auto i = std::find_if(outputs_.begin(), outputs_.end(), [&](const auto& x) {
    return x.name == options_.classify;
  });
  if (i == outputs_.end())
    throw std::runtime_error("options.classify: the model has no output \""
                             + options_.classify
                             + "\"; it has: " + join_names(outputs_));
  tensor_shape row = i->shape;
  if (i->has_rows())
    row.front() = 1;
  if (auto n = element_count(row);
      n && !options_.labels.empty() && *n != options_.labels.size())
    throw std::runtime_error("options.labels: "
                             + std::to_string(options_.labels.size())
                             + " labels, but the output \"" + i->name
                             + "\" has " + std::to_string(*n) + " classes");
}

std::vector<tensor> onnx_codec::decode(const request& x) const {
  if (x.document != nullptr)
    return decode_document(*x.document);
  auto type = x.content_type();
  if (type == "image/png" || is_png(x.bytes()))
    return decode_image(x);
  if (!is_meant_as_json(x))
    throw http_error(415,
                     takes_images() ? "send image/png or JSON" : "send JSON");
  return decode_document(x.json());
}

std::vector<tensor> onnx_codec::decode_image(const request& x) const {
  if (!takes_images())
    throw http_error(415, "this model takes no images: send JSON");
  const auto& spec = inputs_.front();
  auto height = spec.shape[2];
  auto width = spec.shape[3];
  auto size = png_size(x.bytes());
  // Before the pixels are decoded: a small file may hold a huge image.
  if ((width >= 0 && width != size.width)
      || (height >= 0 && height != size.height))
    throw validation_error("value_error",
                           spec.name + ": expected an image of "
                             + axis_text(width) + 'x' + axis_text(height)
                             + " pixels, got " + std::to_string(size.width)
                             + 'x' + std::to_string(size.height));
  auto format = spec.shape[1] == 1 ? pixel_format::gray : pixel_format::rgb;
  std::vector<tensor> result;
  result.push_back(
    to_chw(decode_png(x.bytes(), format), options_.image_scale, spec.name));
  return result;
}

std::vector<tensor> onnx_codec::decode_document(const json& document) const {
  std::vector<tensor> result;
  if (document.is_array() && inputs_.size() == 1) {
    result.push_back(read_tensor(document, inputs_.front()));
  } else if (!document.is_object()) {
    throw validation_error("type_error", "expected an object with "
                                           + input_names() + ", got "
                                           + std::string{document.type_name()});
  } else if (auto i = document.find("inputs");
             i != document.end() && !has_input("inputs")) {
    reading::at("inputs", [&] {
      if (document.size() > 1)
        throw validation_error("value_error",
                               "expected no other key beside \"inputs\"");
      result = decode_named(*i);
    });
  } else {
    result = decode_named(document);
  }
  check_rows(result);
  return result;
}

std::vector<tensor> onnx_codec::decode_named(const json& object) const {
  if (!object.is_object())
    throw wrong_type("object", object);
  for (const auto& [name, value] : object.items())
    if (!has_input(name))
      throw validation_error("value_error", "unknown input \"" + clipped(name)
                                              + "\"; expected "
                                              + input_names());
  std::vector<tensor> result;
  result.reserve(inputs_.size());
  for (const auto& spec : inputs_) {
    auto i = object.find(spec.name);
    if (i == object.end())
      throw missing_field(spec.name);
    reading::at(spec.name, [&] { result.push_back(read_tensor(*i, spec)); });
  }
  return result;
}

void onnx_codec::check_rows(const std::vector<tensor>& xs) const {
  if (!batchable_)
    return;
  for (const auto& x : xs) {
    if (x.rows() == 0)
      throw validation_error("value_error", x.name + ": expected "
                                              + "at least one row, got "
                                              + shape_text(x.shape));
    if (x.rows() != xs.front().rows())
      throw validation_error(
        "value_error", x.name + ": expected as many rows as " + xs.front().name
                         + " has (" + std::to_string(xs.front().rows())
                         + "), got " + std::to_string(x.rows()));
  }
}

json onnx_codec::encode(const std::vector<tensor>& outputs,
                        std::size_t rows) const {
  auto result = json::object();
  auto& named = result["outputs"];
  named = json::object();
  auto finite = true;
  for (const auto& x : outputs) {
    named[x.name] = write_tensor(x);
    finite = finite && is_finite(x);
    if (!options_.classify.empty() && x.name == options_.classify)
      classify(x, rows, result);
  }
  if (finite)
    return result;
  if (!options_.null_for_nan)
    expect_finite(result);
  nullify(result);
  return result;
}

void onnx_codec::classify(const tensor& x, std::size_t rows, json& out) const {
  if (x.shape.empty() || x.rows() != rows)
    rows = 1;
  auto count = x.bytes.size() / size_of(x.type) / rows;
  if (count == 0)
    return;
  auto put = [&](const char* key, json value) {
    if (rows == 1)
      out[key] = std::move(value);
    else
      out[key].push_back(std::move(value));
  };
  for (std::size_t row = 0; row < rows; ++row) {
    auto best = largest(x, row * count, count);
    put("class", best);
    put("score", element_at(x, row * count + best));
    if (!options_.labels.empty())
      put("label", best < options_.labels.size() ? json(options_.labels[best])
                                                 : json(nullptr));
  }
}

std::string onnx_codec::input_names() const {
  return (inputs_.size() == 1 ? "the input " : "the inputs ")
         + join_names(inputs_);
}

bool onnx_codec::takes_images() const noexcept {
  if (inputs_.size() != 1)
    return false;
  const auto& x = inputs_.front();
  return x.type == element_type::float32 && x.shape.size() == 4
         && (x.shape[0] < 0 || x.shape[0] == 1)
         && (x.shape[1] == 1 || x.shape[1] == 3);
}

bool onnx_codec::has_input(const std::string& name) const noexcept {
  return std::any_of(inputs_.begin(), inputs_.end(),
                     [&](const auto& x) { return x.name == name; });
}

} // namespace troupe
