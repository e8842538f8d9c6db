#include "troupe/models/tensor/tensor.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace troupe {

std::string_view to_string(element_type x) noexcept {
  constexpr std::array<std::string_view, 14> names{
    "float32", "float64", "int8",   "int16", "int32",   "int64",    "uint8",
    "uint16",  "uint32",  "uint64", "bool",  "float16", "bfloat16", "string"};
  return names[static_cast<std::size_t>(x)];
}

std::size_t size_of(element_type x) noexcept {
  if (x == element_type::string)
    return 0;
  return visit_type(
    x, []<class T>(std::type_identity<T>) noexcept { return sizeof(T); });
}

std::string shape_text(const tensor_shape& shape) {
  std::string result{"["};
  for (auto n : shape) {
    if (result.size() > 1)
      result += ',';
    result += std::to_string(n);
  }
  result += ']';
  return result;
}

std::optional<std::size_t> element_count(const tensor_shape& shape) noexcept {
  // No tensor has more bytes than a signed 64-bit number can count.
  constexpr auto limit =
    static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max()) / 8;
  std::size_t product = 1;
  bool empty = false;
  for (auto n : shape) {
    if (n < 0)
      return std::nullopt;
    if (n == 0) {
      empty = true;
      continue;
    }
    auto factor = static_cast<std::size_t>(n);
    if (product > limit / factor)
      return std::nullopt;
    product *= factor;
  }
  return empty ? 0 : product;
}

bool tensor_spec::admits(const tensor_shape& x) const noexcept {
  return x.size() == shape.size()
         && std::equal(
           shape.begin(), shape.end(), x.begin(),
           [](auto want, auto got) { return want < 0 || want == got; });
}

std::string to_string(const tensor_spec& x) {
  std::string result{to_string(x.type)};
  result += " [";
  for (std::size_t i = 0; i < x.shape.size(); ++i) {
    if (i > 0)
      result += ',';
    if (x.shape[i] >= 0)
      result += std::to_string(x.shape[i]);
    else if (auto name = x.axis_name(i); !name.empty())
      result += name;
    else
      result += '?';
  }
  result += ']';
  return result;
}

bool stackable(const tensor& lhs, const tensor& rhs) noexcept {
  return lhs.type == rhs.type && !lhs.shape.empty()
         && lhs.shape.size() == rhs.shape.size()
         && std::equal(lhs.shape.begin() + 1, lhs.shape.end(),
                       rhs.shape.begin() + 1);
}

std::size_t elements_of(const tensor& x) noexcept {
  return x.type == element_type::string ? x.texts.size()
                                        : x.bytes.size() / size_of(x.type);
}

void append_rows(tensor& to, const tensor& more) {
  to.bytes.insert(to.bytes.end(), more.bytes.begin(), more.bytes.end());
  to.texts.insert(to.texts.end(), more.texts.begin(), more.texts.end());
  to.shape.front() += more.shape.front();
}

tensor take_rows(const tensor& x, std::size_t first, std::size_t count) {
  auto part = [&](const auto& elements) {
    auto row = x.rows() == 0 ? 0 : elements.size() / x.rows();
    auto begin = elements.begin() + static_cast<std::ptrdiff_t>(first * row);
    auto end = begin + static_cast<std::ptrdiff_t>(count * row);
    return std::decay_t<decltype(elements)>(begin, end);
  };
  tensor result{x.name, x.type, x.shape, part(x.bytes), part(x.texts)};
  result.shape.front() = static_cast<std::int64_t>(count);
  return result;
}

} // namespace troupe
