#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Writes small ONNX files for tests, by the few fields of `onnx.proto3` that
/// they need.
class onnx_file {
public:
  static constexpr int float32 = 1;
  static constexpr int int64 = 7;
  static constexpr int string = 8;
  static constexpr int float16 = 10;
  static constexpr int bfloat16 = 16;

  struct axis {
    /*implicit*/ axis(std::int64_t n) : value(n) {
      // nop
    }

    /// @param free_name "" for a free axis without a name.
    /*implicit*/ axis(const char* free_name) : value(-1), name(free_name) {
      // nop
    }

    std::int64_t value = 0;
    std::string name = {};
  };

  void input(std::string_view name, int type, const std::vector<axis>& shape) {
    graph_ += bytes(11, value_info(name, type, shape));
  }

  void output(std::string_view name, int type, const std::vector<axis>& shape) {
    graph_ += bytes(12, value_info(name, type, shape));
  }

  /// Adds an input that is a sequence of float32 tensors.
  void input_of_tensors(std::string_view name) {
    auto tensor_type = bytes(1, number(1, float32));
    graph_ +=
      bytes(11, bytes(1, name) + bytes(2, bytes(4, bytes(1, tensor_type))));
  }

  /// Adds an output that is a sequence of maps from int64 to float32.
  void output_of_maps(std::string_view name) {
    auto tensor_type = bytes(1, number(1, float32));
    auto map = number(1, int64) + bytes(2, tensor_type);
    graph_ +=
      bytes(12, bytes(1, name) + bytes(2, bytes(4, bytes(1, bytes(5, map)))));
  }

  /// Adds the node that makes such maps of the rows of `input`.
  void zip_map(std::string_view input, std::string_view result,
               const std::vector<std::int64_t>& labels) {
    std::string packed;
    for (auto x : labels)
      packed += varint(static_cast<std::uint64_t>(x));
    graph_ += bytes(1, bytes(1, input) + bytes(2, result) + bytes(4, "ZipMap")
                         + bytes(5, bytes(1, "classlabels_int64s")
                                      + bytes(8, packed) + number(20, 7))
                         + bytes(7, "ai.onnx.ml"));
  }

  /// @param attribute an integer attribute; -1 for none.
  void node(std::string_view op, const std::vector<std::string>& inputs,
            std::string_view result, std::int64_t attribute = -1,
            std::string_view attribute_name = "axis") {
    std::string text;
    for (const auto& x : inputs)
      text += bytes(1, x);
    text += bytes(2, result) + bytes(4, op);
    if (attribute >= 0)
      text += bytes(5, bytes(1, attribute_name)
                         + number(3, static_cast<std::uint64_t>(attribute))
                         + number(20, 2));
    graph_ += bytes(1, text);
  }

  /// Adds a constant of `data.size()` int64 elements.
  void constant(std::string_view name, const std::vector<std::int64_t>& data) {
    std::string packed;
    for (auto x : data)
      packed += varint(static_cast<std::uint64_t>(x));
    graph_ += bytes(5, number(1, data.size()) + number(2, int64)
                         + bytes(7, packed) + bytes(8, name));
  }

  /// Adds a constant of float32 elements, which is the value of an input that
  /// a request leaves out.
  void fallback(std::string_view name, const std::vector<float>& data) {
    std::string packed;
    for (auto x : data)
      packed.append(reinterpret_cast<const char*>(&x), sizeof(x));
    graph_ += bytes(5, number(1, data.size()) + number(2, float32)
                         + bytes(4, packed) + bytes(8, name));
  }

  /// Returns the file's bytes: IR version 6.
  [[nodiscard]] std::string write(std::uint64_t opset = 13) const {
    return number(1, 6) + bytes(7, graph_ + bytes(2, "test"))
           + bytes(8, bytes(1, "") + number(2, opset))
           + bytes(8, bytes(1, "ai.onnx.ml") + number(2, 1));
  }

private:
  static std::string varint(std::uint64_t x) {
    std::string result;
    for (; x >= 0x80; x >>= 7)
      result += static_cast<char>((x & 0x7FU) | 0x80U);
    result += static_cast<char>(x);
    return result;
  }

  static std::string number(unsigned field, std::uint64_t x) {
    return varint(field << 3) + varint(x);
  }

  static std::string bytes(unsigned field, std::string_view x) {
    return varint((field << 3) | 2U) + varint(x.size()) + std::string{x};
  }

  static std::string value_info(std::string_view name, int type,
                                const std::vector<axis>& shape) {
    std::string axes;
    for (const auto& x : shape)
      axes +=
        bytes(1, x.value >= 0 ? number(1, static_cast<std::uint64_t>(x.value))
                 : x.name.empty() ? std::string{}
                                  : bytes(2, x.name));
    auto tensor_type =
      number(1, static_cast<std::uint64_t>(type)) + bytes(2, axes);
    return bytes(1, name) + bytes(2, bytes(1, tensor_type));
  }

  std::string graph_;
};

} // namespace troupe
