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

  struct axis {
    /*implicit*/ axis(std::int64_t n) : value(n) {
      // nop
    }

    /*implicit*/ axis(const char* free_name) : name(free_name) {
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

  /// Returns the file's bytes: IR version 6, opset 11.
  [[nodiscard]] std::string write() const {
    return number(1, 6) + bytes(7, graph_ + bytes(2, "test"))
           + bytes(8, bytes(1, "") + number(2, 11));
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
        bytes(1, x.name.empty() ? number(1, static_cast<std::uint64_t>(x.value))
                                : bytes(2, x.name));
    auto tensor_type =
      number(1, static_cast<std::uint64_t>(type)) + bytes(2, axes);
    return bytes(1, name) + bytes(2, bytes(1, tensor_type));
  }

  std::string graph_;
};

} // namespace troupe
