#include "troupe/models/onnx/onnx_codec.hpp"

#include "troupe/models/registry.hpp"
#include "troupe/models/tensor/image.hpp"
#include "troupe/models/tensor/tensor_json.hpp"
#include "troupe/models/tensor/tensor_text.hpp"
#include "troupe/specs/input/body.hpp"
#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/json/finite.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/text/text.hpp"
#include "troupe/specs/values/error.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

namespace troupe {

namespace {

using nlohmann::json;

std::string join_names(const std::vector<tensor_spec>& xs) {
  std::string result;
  for (const auto& x : xs) {
    if (!result.empty())
      result += ", ";
    result += x.name;
  }
  return result;
}

/// What a client sends is not repeated at length.
std::string clipped(const std::string& name) {
  constexpr std::size_t most = 100;
  return name.size() <= most ? name : name.substr(0, most) + "...";
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
      auto better = i == 0 || number_of(value) > number_of(best_value);
      // Nothing compares with a NaN, so anything is better.
      if constexpr (is_real<T>)
        better = better
                 || (std::isnan(number_of(best_value))
                     && !std::isnan(number_of(value)));
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

/// The axis at which a name was first seen.
struct named_axis {
  std::string_view name;
  const std::string* input;
  std::size_t axis;
  std::int64_t size;
};

/// ONNX Runtime does not compare them: it may broadcast one that is 1.
void expect_equal_axes(const tensor_spec& spec, const tensor& x,
                       std::vector<named_axis>& seen) {
  for (std::size_t i = 0; i < x.shape.size(); ++i) {
    auto name = spec.axis_name(i);
    if (name.empty())
      continue;
    auto other = std::find_if(seen.begin(), seen.end(),
                              [&](const auto& y) { return y.name == name; });
    if (other == seen.end())
      seen.push_back({name, &spec.name, i, x.shape[i]});
    else if (other->size != x.shape[i])
      throw validation_error(
        "value_error", spec.name + ": axis " + std::to_string(i) + " \""
                         + std::string{name} + "\" has "
                         + std::to_string(x.shape[i]) + ", but axis "
                         + std::to_string(other->axis) + " of " + *other->input
                         + " has " + std::to_string(other->size));
  }
}

} // namespace

onnx_codec::onnx_codec(std::vector<tensor_spec> inputs,
                       std::vector<onnx_output> outputs,
                       onnx_codec_options options)
  : inputs_(std::move(inputs)), options_(std::move(options)) {
  if (!options_.classify.empty())
    check_classify(outputs);
}

void onnx_codec::check_classify(const std::vector<onnx_output>& outputs) const {
  std::vector<std::string> names;
  names.reserve(outputs.size());
  for (const auto& x : outputs)
    names.push_back(x.spec.name);
  auto i = std::find_if(outputs.begin(), outputs.end(), [&](const auto& x) {
    return x.spec.name == options_.classify;
  });
  if (i == outputs.end())
    throw model_config_error("options.classify",
                             unknown_name("output", options_.classify, names));
  const auto& spec = i->spec;
  if (!i->other.empty() || spec.type == element_type::string)
    throw model_config_error("options.classify", "the output \"" + spec.name
                                                   + "\" is " + to_string(*i)
                                                   + ", expected numbers");
  auto row = spec.shape;
  if (spec.has_rows() && row.size() > 1)
    row.front() = 1;
  if (auto n = element_count(row);
      n && !options_.labels.empty() && *n != options_.labels.size())
    throw model_config_error("options.labels",
                             std::to_string(options_.labels.size())
                               + " labels, but the output \"" + spec.name
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
  if (auto plain = decode_text(x))
    return std::move(*plain);
  auto document = x.json();
  auto result = decode_document(document);
  discard(document);
  return result;
}

std::optional<std::vector<tensor>>
onnx_codec::decode_text(const request& x) const {
  json_reader in{x.bytes(), x.limits_of_json()};
  std::vector<std::optional<tensor>> found(inputs_.size());
  if (const auto* sole = sole_input();
      sole != nullptr && in.next() == json_token::begin_array) {
    auto& to = found[static_cast<std::size_t>(sole - inputs_.data())];
    to = read_tensor_text(in, *sole, options_.null_for_nan);
    if (!to)
      return std::nullopt;
  } else {
    if (sole == nullptr)
      in.next();
    if (!read_named_text(in, found, true))
      return std::nullopt;
  }
  in.finish();
  std::vector<tensor> result;
  std::vector<named_axis> seen;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i])
      result.push_back(std::move(*found[i]));
    else if (inputs_[i].optional)
      continue;
    else
      return std::nullopt;
    try {
      expect_equal_axes(inputs_[i], result.back(), seen);
    } catch (const validation_error&) {
      return std::nullopt;
    }
  }
  return result;
}

bool onnx_codec::read_named_text(json_reader& in,
                                 std::vector<std::optional<tensor>>& found,
                                 bool may_wrap) const {
  if (in.token() != json_token::begin_object)
    return false;
  while (in.next() != json_token::end_object) {
    auto spec =
      std::find_if(inputs_.begin(), inputs_.end(),
                   [&](const auto& y) { return y.name == in.text(); });
    if (spec == inputs_.end()) {
      may_wrap = may_wrap && in.text() == "inputs";
      in.next();
      return may_wrap && read_named_text(in, found, false)
             && in.next() == json_token::end_object;
    }
    may_wrap = false;
    auto& to = found[static_cast<std::size_t>(spec - inputs_.begin())];
    if (to)
      return false;
    in.next();
    to = read_tensor_text(in, *spec, options_.null_for_nan);
    if (!to)
      return false;
  }
  return true;
}

std::vector<tensor> onnx_codec::decode_image(const request& x) const {
  if (!takes_images())
    throw http_error(415, "this model takes no images: send JSON");
  const auto& spec = *sole_input();
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
  std::vector<named_axis> seen;
  expect_equal_axes(spec, result.front(), seen);
  return result;
}

std::vector<tensor> onnx_codec::decode_document(const json& document) const {
  std::vector<tensor> result;
  if (const auto* sole = sole_input(); sole != nullptr && document.is_array()) {
    result.push_back(read_tensor(document, *sole, options_.null_for_nan));
    std::vector<named_axis> seen;
    expect_equal_axes(*sole, result.front(), seen);
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
  std::vector<named_axis> seen;
  result.reserve(inputs_.size());
  for (const auto& spec : inputs_) {
    auto i = object.find(spec.name);
    if (i == object.end()) {
      if (spec.optional)
        continue;
      throw missing_field(spec.name);
    }
    reading::at(spec.name, [&] {
      result.push_back(read_tensor(*i, spec, options_.null_for_nan));
      expect_equal_axes(spec, result.back(), seen);
    });
  }
  return result;
}

json onnx_codec::encode(const std::vector<onnx_value>& outputs,
                        std::size_t rows) const {
  auto result = json::object();
  auto& named = result["outputs"];
  named = json::object();
  auto finite = true;
  for (const auto& x : outputs) {
    const auto& name = name_of(x);
    named[name] = to_json(x);
    const auto* numbers = std::get_if<tensor>(&x);
    finite = finite && numbers != nullptr && is_finite(*numbers);
    if (numbers != nullptr && name == options_.classify)
      classify(*numbers, rows, result);
  }
  if (finite)
    return result;
  if (!options_.null_for_nan)
    expect_finite(result);
  else
    nullify(result);
  return result;
}

void onnx_codec::classify(const tensor& x, std::size_t rows, json& out) const {
  // The classes of one row have an axis of their own.
  if (x.shape.size() < 2 || x.rows() != rows)
    rows = 1;
  auto count = rows == 0 ? 0 : elements_of(x) / rows;
  if (rows > 0 && count == 0)
    return;
  auto put = [&](const char* key, json value) {
    if (rows == 1)
      out[key] = std::move(value);
    else
      out[key].push_back(std::move(value));
  };
  if (rows == 0)
    for (const auto* key : {"class", "score", "label"})
      if (key != std::string_view{"label"} || !options_.labels.empty())
        out[key] = json::array();
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
  const auto* x = sole_input();
  return x != nullptr && x->type == element_type::float32
         && x->shape.size() == 4 && (x->shape[0] < 0 || x->shape[0] == 1)
         && (x->shape[1] == 1 || x->shape[1] == 3);
}

const tensor_spec* onnx_codec::sole_input() const noexcept {
  const tensor_spec* result = nullptr;
  for (const auto& x : inputs_) {
    if (x.optional)
      continue;
    if (result != nullptr)
      return nullptr;
    result = &x;
  }
  return result;
}

bool onnx_codec::has_input(const std::string& name) const noexcept {
  return std::any_of(inputs_.begin(), inputs_.end(),
                     [&](const auto& x) { return x.name == name; });
}

} // namespace troupe
