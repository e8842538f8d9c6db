#include "troupe/models/tensor/tensor_json.hpp"

#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/json/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace troupe {

namespace {

using nlohmann::json;

/// Empty tensors hold no data that would bound their other axes, which cost
/// memory all the same when a tensor is written.
constexpr std::int64_t max_axes_of_empty = 1 << 16;

[[noreturn]] void fail(const tensor_spec& spec, const std::string& text,
                       const char* type = "value_error") {
  throw validation_error(type, spec.name + ": " + text);
}

[[noreturn]] void fail_shape(const tensor_spec& spec, const std::string& got) {
  fail(spec, "expected " + to_string(spec) + ", got " + got);
}

/// Follows the first elements down.
tensor_shape deduce_shape(const json& j) {
  tensor_shape result;
  const auto* at = &j;
  while (at->is_array()) {
    result.push_back(static_cast<std::int64_t>(at->size()));
    if (at->empty())
      break;
    at = &at->front();
  }
  return result;
}

/// Copies elements from nested arrays into a tensor, depth first.
template <class T>
class element_reader {
public:
  element_reader(const tensor_spec& spec, const tensor_shape& shape,
                 bool null_is_nan, tensor& out)
    : spec_(spec),
      shape_(shape),
      path_(shape.size(), 0),
      null_is_nan_(null_is_nan),
      out_(out) {
    // nop
  }

  void read(const json& j, std::size_t axis = 0) {
    if (axis == shape_.size()) {
      put(convert(j));
      return;
    }
    auto want = static_cast<std::size_t>(shape_[axis]);
    if (!j.is_array())
      ragged(axis, want, std::string{type_name(j)});
    if (j.size() != want)
      ragged(axis, want, std::to_string(j.size()));
    for (std::size_t i = 0; i < want; ++i) {
      path_[axis] = i;
      read(j[i], axis + 1);
    }
  }

private:
  void put(T x) {
    if constexpr (std::is_same_v<T, std::string>) {
      out_.texts.push_back(std::move(x));
    } else {
      std::memcpy(out_.bytes.data() + at_, &x, sizeof(T));
      at_ += sizeof(T);
    }
  }

  [[noreturn]] void ragged(std::size_t axis, std::size_t want,
                           const std::string& got) const {
    fail(spec_, "ragged array: expected " + std::to_string(want) + " elements"
                  + where(axis) + ", got " + got);
  }

  [[noreturn]] void mismatch(const json& j) const {
    if (j.is_array())
      fail(spec_,
           "ragged array: expected "
             + std::string{spec_.type == element_type::string ? "a string"
                                                              : "a number"}
             + where(path_.size()) + ", got array");
    auto got = std::string{type_name(j)};
    if (j.is_number())
      got += ' ' + dump_json(j);
    fail(spec_,
         "expected " + to_string(spec_) + ", got " + got + where(path_.size()),
         "type_error");
  }

  [[noreturn]] void out_of_range(const json& j) const {
    fail(spec_, dump_json(j) + where(path_.size()) + " does not fit "
                  + std::string{to_string(spec_.type)});
  }

  [[nodiscard]] std::string where(std::size_t axes) const {
    std::string result;
    for (std::size_t i = 0; i < axes; ++i)
      result += '[' + std::to_string(path_[i]) + ']';
    return result.empty() ? result : " at " + result;
  }

  T convert(const json& j) const {
    if constexpr (std::is_same_v<T, bool>) {
      if (!j.is_boolean())
        mismatch(j);
      return j.get<bool>();
    } else if constexpr (std::is_same_v<T, std::string>) {
      if (!j.is_string())
        mismatch(j);
      return j.get<std::string>();
    } else if constexpr (is_real<T>) {
      if (j.is_null() && null_is_nan_)
        return static_cast<T>(std::numeric_limits<double>::quiet_NaN());
      if (!j.is_number())
        mismatch(j);
      auto x = j.get<double>();
      auto result = static_cast<T>(x);
      // The largest number's own digits may lie above it.
      if (std::isfinite(x) && !std::isfinite(number_of(result)))
        out_of_range(j);
      return result;
    } else {
      // An integer that does not fit 64 bits is read as a number with an
      // exponent.
      if (j.is_number_float() && std::abs(j.get<double>()) >= 0x1p63)
        out_of_range(j);
      if (!j.is_number_integer())
        mismatch(j);
      if (j.is_number_unsigned()) {
        auto x = j.get<std::uint64_t>();
        if (!std::in_range<T>(x))
          out_of_range(j);
        return static_cast<T>(x);
      }
      auto x = j.get<std::int64_t>();
      if (!std::in_range<T>(x))
        out_of_range(j);
      return static_cast<T>(x);
    }
  }

  const tensor_spec& spec_;
  const tensor_shape& shape_;
  std::vector<std::size_t> path_;
  bool null_is_nan_;
  tensor& out_;
  /// In the bytes of `out_`.
  std::size_t at_ = 0;
};

/// @param flat whether `data` is one array, whatever the shape.
tensor read_elements(const json& data, const tensor_spec& spec,
                     tensor_shape shape, bool flat, bool null_is_nan) {
  auto count = element_count(shape);
  if (!count)
    fail(spec, "the shape " + shape_text(shape) + " is too large");
  if (*count == 0) {
    tensor_shape rest;
    for (auto n : shape)
      rest.push_back(n == 0 ? 1 : n);
    auto axes = element_count(rest);
    if (!axes || *axes > max_axes_of_empty)
      fail(spec, "the shape " + shape_text(shape) + " is too large");
  }
  tensor result{spec.name, spec.type, std::move(shape)};
  tensor_shape layout = result.shape;
  if (flat)
    layout = {static_cast<std::int64_t>(*count)};
  // Only data that is there gets memory: the count is checked before.
  if (flat && data.size() != *count)
    fail(spec, "the shape " + shape_text(result.shape) + " takes "
                 + std::to_string(*count) + " elements, got "
                 + std::to_string(data.size()));
  auto read = [&]<class T>(std::type_identity<T>) {
    element_reader<T>{spec, layout, null_is_nan, result}.read(data);
  };
  if (spec.type == element_type::string) {
    read(std::type_identity<std::string>{});
    return result;
  }
  result.bytes.resize(*count * size_of(spec.type));
  visit_type(spec.type, read);
  return result;
}

tensor read_object(const json& j, const tensor_spec& spec, bool null_is_nan) {
  auto shape_field = j.find("shape");
  auto data = j.find("data");
  if (shape_field == j.end() || data == j.end() || j.size() != 2)
    fail(spec, "expected an object with \"shape\" and \"data\" only");
  tensor_shape shape;
  try {
    read_value(*shape_field, shape);
  } catch (const validation_error&) {
    fail(spec, "the shape must be an array of integers", "type_error");
  }
  if (std::any_of(shape.begin(), shape.end(), [](auto n) { return n < 0; }))
    fail(spec, "the shape " + shape_text(shape) + " has a negative axis");
  if (!spec.admits(shape))
    fail_shape(spec, shape_text(shape));
  if (!data->is_array())
    fail(spec, "the data must be an array", "type_error");
  bool nested = shape.size() != 1 && deduce_shape(*data) == shape;
  return read_elements(*data, spec, std::move(shape), !nested, null_is_nan);
}

json write_element(float x) {
  if (!std::isfinite(x))
    return x;
  // As a double, 0.1F would be written as 0.10000000149011612.
  std::array<char, 32> text{};
  auto* first = text.data();
  auto end = std::to_chars(first, first + text.size(), x).ptr;
  double result = 0;
  std::from_chars(first, end, result);
  return result;
}

template <int Exponent, int Mantissa>
json write_element(basic_half<Exponent, Mantissa> x) {
  auto result = static_cast<double>(x);
  if (!std::isfinite(result) || result == std::trunc(result))
    return result;
  // Five digits are enough for each of them, most need less.
  for (int digits = 1; digits <= 5; ++digits) {
    std::array<char, 32> text{};
    auto* first = text.data();
    auto end = std::to_chars(first, first + text.size(), result,
                             std::chars_format::general, digits)
                 .ptr;
    double shorter = 0;
    std::from_chars(first, end, shorter);
    if (basic_half<Exponent, Mantissa>{shorter}.bits == x.bits)
      return shorter;
  }
  return result;
}

template <class T>
json write_element(T x) {
  return x;
}

template <class T>
json element_of(const tensor& x, std::size_t index) {
  if constexpr (std::is_same_v<T, std::string>) {
    return x.texts[index];
  } else {
    T value;
    std::memcpy(&value, x.bytes.data() + index * sizeof(T), sizeof(T));
    return write_element(value);
  }
}

/// @param at the next element
template <class T>
json write_axis(const tensor& x, std::size_t axis, std::size_t& at) {
  if (axis == x.shape.size())
    return element_of<T>(x, at++);
  auto n = static_cast<std::size_t>(x.shape[axis]);
  json::array_t result;
  result.reserve(n);
  for (std::size_t i = 0; i < n; ++i)
    result.push_back(write_axis<T>(x, axis + 1, at));
  return result;
}

} // namespace

std::optional<tensor_shape> resolve_flat(const tensor_spec& spec,
                                         std::size_t count) {
  auto result = spec.shape;
  std::int64_t* free_axis = nullptr;
  for (auto& n : result)
    if (n < 0) {
      if (free_axis != nullptr)
        return std::nullopt;
      free_axis = &n;
      n = 1;
    }
  auto row = element_count(result);
  if (!row || *row == 0)
    return std::nullopt;
  if (free_axis == nullptr)
    return count == *row ? std::optional{result} : std::nullopt;
  if (count == 0 || count % *row != 0)
    return std::nullopt;
  *free_axis = static_cast<std::int64_t>(count / *row);
  return result;
}

tensor read_tensor(const json& j, const tensor_spec& spec, bool null_is_nan) {
  if (j.is_object())
    return read_object(j, spec, null_is_nan);
  auto got = deduce_shape(j);
  if (spec.admits(got))
    return read_elements(j, spec, std::move(got), false, null_is_nan);
  if (got.size() == 1)
    if (auto shape = resolve_flat(spec, j.size()))
      return read_elements(j, spec, std::move(*shape), true, null_is_nan);
  fail_shape(spec, j.is_array() ? shape_text(got) : std::string{type_name(j)});
}

json write_tensor(const tensor& x) {
  std::size_t at = 0;
  if (x.type == element_type::string)
    return write_axis<std::string>(x, 0, at);
  return visit_type(x.type, [&]<class T>(std::type_identity<T>) {
    return write_axis<T>(x, 0, at);
  });
}

bool is_finite(const tensor& x) {
  if (x.type == element_type::string)
    return true;
  return visit_type(x.type, [&]<class T>(std::type_identity<T>) {
    if constexpr (is_real<T>)
      for (std::size_t i = 0; i < x.bytes.size(); i += sizeof(T)) {
        T value;
        std::memcpy(&value, x.bytes.data() + i, sizeof(T));
        if (!std::isfinite(number_of(value)))
          return false;
      }
    return true;
  });
}

json element_at(const tensor& x, std::size_t index) {
  if (x.type == element_type::string)
    return element_of<std::string>(x, index);
  return visit_type(x.type, [&]<class T>(std::type_identity<T>) {
    return element_of<T>(x, index);
  });
}

} // namespace troupe
