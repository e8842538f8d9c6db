#include "troupe/models/tensor/tensor_text.hpp"

#include "troupe/models/tensor/tensor_json.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

namespace troupe {

namespace {

/// Takes numbers from nested arrays, depth first, and finds their shape.
template <class T>
class number_reader {
public:
  number_reader(json_reader& in, bool null_is_nan)
    : in_(in), null_is_nan_(null_is_nan) {
    // nop
  }

  /// Reads the value at hand. @returns whether it is a full array of numbers,
  /// or one number
  bool read() {
    auto full = in_.token() == json_token::begin_array ? read_axis(0) : take();
    flush();
    return full;
  }

  tensor_shape& shape() noexcept {
    return shape_;
  }

  std::vector<std::byte>& bytes() noexcept {
    return bytes_;
  }

private:
  /// As deep as the text is nested.
  // NOLINTNEXTLINE(misc-no-recursion)
  bool read_axis(std::size_t axis) {
    constexpr std::int64_t unknown = -1;
    if (axis == shape_.size())
      shape_.push_back(unknown);
    std::int64_t n = 0;
    for (; in_.next() != json_token::end_array; ++n)
      if (in_.token() == json_token::begin_array) {
        if (axis + 1 == axes_ || !read_axis(axis + 1))
          return false;
      } else {
        if (axes_ == 0)
          axes_ = axis + 1;
        if (axis + 1 != axes_ || !take())
          return false;
      }
    // Of what is empty a document tells the shape.
    auto& size = shape_[axis];
    if (n == 0 || (size != unknown && size != n))
      return false;
    size = n;
    return true;
  }

  bool take() {
    T x{};
    if (!convert(x))
      return false;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-bounds-constant-array-index)
    chunk_[used_] = x;
    if (++used_ == chunk_.size())
      flush();
    return true;
  }

  bool convert(T& x) const {
    const auto token = in_.token();
    if constexpr (std::is_same_v<T, bool>) {
      if (token != json_token::boolean)
        return false;
      x = in_.boolean();
      return true;
    } else if constexpr (is_real<T>) {
      if (token == json_token::null && null_is_nan_) {
        x = static_cast<T>(std::numeric_limits<double>::quiet_NaN());
        return true;
      }
      if (!is_number(token))
        return false;
      x = static_cast<T>(in_.number());
      return std::isfinite(number_of(x));
    } else if (token == json_token::unsigned_integer) {
      x = static_cast<T>(in_.unsigned_integer());
      return std::in_range<T>(in_.unsigned_integer());
    } else {
      if (token != json_token::integer)
        return false;
      x = static_cast<T>(in_.integer());
      return std::in_range<T>(in_.integer());
    }
  }

  void flush() {
    const auto more = std::as_bytes(std::span{chunk_}.first(used_));
    if (bytes_.capacity() - bytes_.size() < more.size())
      grow(more.size());
    bytes_.insert(bytes_.end(), more.begin(), more.end());
    used_ = 0;
  }

  /// Makes room for so many bytes more, and pays for it.
  void grow(std::size_t more) {
    const auto before = bytes_.capacity();
    const auto after = std::max(2 * before, bytes_.size() + more);
    // Both are there for a moment.
    in_.charge(after);
    bytes_.reserve(after);
    in_.refund_to(in_.charged() - before);
  }

  json_reader& in_;
  bool null_is_nan_;
  /// How many axes there are; 0 while that is not known.
  std::size_t axes_ = 0;
  tensor_shape shape_;
  std::vector<std::byte> bytes_;
  std::array<T, 256> chunk_{};
  std::size_t used_ = 0;
};

/// Reads the elements at hand, and the shape in which they stand.
std::optional<tensor> read_numbers(json_reader& in, const tensor_spec& spec,
                                   bool null_is_nan) {
  return visit_type(
    spec.type, [&]<class T>(std::type_identity<T>) -> std::optional<tensor> {
      number_reader<T> reader{in, null_is_nan};
      if (!reader.read())
        return std::nullopt;
      return tensor{spec.name,
                    spec.type,
                    std::move(reader.shape()),
                    std::move(reader.bytes()),
                    {}};
    });
}

std::optional<tensor_shape> read_shape(json_reader& in) {
  if (in.token() != json_token::begin_array)
    return std::nullopt;
  tensor_shape result;
  while (in.next() != json_token::end_array) {
    if (in.token() != json_token::unsigned_integer
        || !std::in_range<std::int64_t>(in.unsigned_integer())
        || result.size() == max_json_depth)
      return std::nullopt;
    result.push_back(static_cast<std::int64_t>(in.unsigned_integer()));
  }
  return result;
}

/// Reads `{"shape": [...], "data": [...]}`.
std::optional<tensor> read_object(json_reader& in, const tensor_spec& spec,
                                  bool null_is_nan) {
  std::optional<tensor_shape> shape;
  std::optional<tensor> result;
  while (in.next() != json_token::end_object) {
    const auto is_shape = in.text() == "shape";
    if (is_shape ? shape.has_value() : in.text() != "data" || result)
      return std::nullopt;
    in.next();
    if (is_shape)
      shape = read_shape(in);
    else if (in.token() == json_token::begin_array)
      result = read_numbers(in, spec, null_is_nan);
    if (is_shape ? !shape : !result)
      return std::nullopt;
  }
  if (!shape || !result || !spec.admits(*shape))
    return std::nullopt;
  auto& got = result->shape;
  if (got != *shape
      && (got.size() != 1 || element_count(*shape) != element_count(got)))
    return std::nullopt;
  got = std::move(*shape);
  return result;
}

} // namespace

std::optional<tensor> read_tensor_text(json_reader& in, const tensor_spec& spec,
                                       bool null_is_nan) {
  if (spec.type == element_type::string)
    return std::nullopt;
  if (in.token() == json_token::begin_object)
    return read_object(in, spec, null_is_nan);
  auto result = read_numbers(in, spec, null_is_nan);
  if (!result || spec.admits(result->shape))
    return result;
  auto& got = result->shape;
  if (got.size() != 1)
    return std::nullopt;
  auto shape = resolve_flat(spec, static_cast<std::size_t>(got.front()));
  if (!shape)
    return std::nullopt;
  got = std::move(*shape);
  return result;
}

} // namespace troupe
