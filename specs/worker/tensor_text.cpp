#include "troupe/specs/worker/tensor_text.hpp"

#include "troupe/specs/worker/frame.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <type_traits>

namespace troupe::worker {

namespace {

constexpr std::size_t max_dimensions = 64;

template <class T>
void append_element(std::string& out, const char* at) {
  T x;
  std::memcpy(&x, at, sizeof(T));
  if constexpr (std::is_floating_point_v<T>)
    if (!std::isfinite(x))
      throw std::domain_error("the answer has a number that JSON cannot write "
                              "(NaN or an infinity) in an array");
  std::array<char, 32> digits{};
  auto [end, ec] =
    std::to_chars(digits.data(), digits.data() + digits.size(), x);
  out.append(digits.data(), end);
}

void append_bool(std::string& out, const char* at) {
  out += *at != 0 ? "true" : "false";
}

struct element {
  std::string_view name;
  std::size_t size;
  void (*append)(std::string&, const char*);
};

template <class T>
constexpr element number(std::string_view name) {
  return {name, sizeof(T), append_element<T>};
}

constexpr std::array<element, 11> elements{
  element{"bool", 1, append_bool}, number<std::int8_t>("int8"),
  number<std::int16_t>("int16"),   number<std::int32_t>("int32"),
  number<std::int64_t>("int64"),   number<std::uint8_t>("uint8"),
  number<std::uint16_t>("uint16"), number<std::uint32_t>("uint32"),
  number<std::uint64_t>("uint64"), number<float>("float32"),
  number<double>("float64"),
};

const element& element_of(std::string_view dtype) {
  for (const auto& x : elements)
    if (x.name == dtype)
      return x;
  throw protocol_error("the dtype " + std::string{dtype}
                       + " is not one of the protocol's");
}

class writer {
public:
  writer(std::string& out, const element& type,
         const std::vector<std::size_t>& shape, const char* at)
    : out_(&out), type_(&type), shape_(&shape), at_(at) {
    // nop
  }

  // NOLINTNEXTLINE(misc-no-recursion): bounded by the number of dimensions
  void run(std::size_t depth) {
    if (depth == shape_->size()) {
      type_->append(*out_, at_);
      at_ += type_->size;
      return;
    }
    *out_ += '[';
    for (std::size_t i = 0; i < (*shape_)[depth]; ++i) {
      if (i > 0)
        *out_ += ',';
      run(depth + 1);
    }
    *out_ += ']';
  }

private:
  std::string* out_;
  const element* type_;
  const std::vector<std::size_t>* shape_;
  const char* at_;
};

/// Returns how many bytes such an array has; 0 also when a size is 0.
std::size_t bytes_of(const raw_tensor& x, std::size_t element_size) {
  auto result = element_size;
  for (auto n : x.shape) {
    if (n != 0 && result > (std::size_t{1} << 48U) / n)
      throw protocol_error("the shape of a tensor is too large");
    result *= n;
  }
  return result;
}

} // namespace

void append_tensor(std::string& out, const raw_tensor& x) {
  const auto& type = element_of(x.dtype);
  if (x.shape.size() > max_dimensions)
    throw protocol_error("a tensor has more than 64 dimensions");
  if (bytes_of(x, type.size) != x.bytes.size())
    throw protocol_error("a tensor has " + std::to_string(x.bytes.size())
                         + " bytes, its shape and dtype ask for "
                         + std::to_string(bytes_of(x, type.size)));
  // An empty dimension far inside a huge one would be long and hold nothing.
  std::size_t outer = 1;
  for (auto n : x.shape) {
    if (n == 0)
      break;
    outer *= n;
    if (outer > x.bytes.size() + 1'000'000)
      throw protocol_error("the shape of an empty tensor is too large");
  }
  writer{out, type, x.shape, x.bytes.data()}.run(0);
}

} // namespace troupe::worker
