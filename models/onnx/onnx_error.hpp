#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace troupe {

/// Whose fault it is that a model did not work.
enum class onnx_fault : std::uint8_t {
  /// The model, the session or the library is broken.
  model,
  /// There was not enough memory.
  memory,
  /// The input, as far as the error tells: one of the model's nodes refused
  /// what it got.
  input,
};

/// Loading or running a model failed.
class onnx_error : public std::runtime_error {
public:
  explicit onnx_error(const std::string& what,
                      onnx_fault fault = onnx_fault::model,
                      std::string reason = {})
    : std::runtime_error(what), fault_(fault), reason_(std::move(reason)) {
    // nop
  }

  [[nodiscard]] onnx_fault fault() const noexcept {
    return fault_;
  }

  /// Returns what may be said to clients; "" for nothing.
  [[nodiscard]] const std::string& reason() const noexcept {
    return reason_;
  }

private:
  onnx_fault fault_;
  std::string reason_;
};

/// Returns whose fault a run's failure is by the text of ONNX Runtime's error,
/// where the code allows it to be the input's: the library has no code for
/// memory that it does not get.
onnx_fault fault_of_run(const std::string& what);

/// Returns what a failed run's error says of the input, for clients: the kind
/// of the node, and the reason as far as it names no source files. At most 200
/// bytes of printable ASCII.
std::string reason_of_run(const std::string& what);

} // namespace troupe
