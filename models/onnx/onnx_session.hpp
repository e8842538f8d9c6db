#pragma once

#include "troupe/models/tensor/tensor.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe {

/// Loading or running a model failed.
class onnx_error : public std::runtime_error {
public:
  onnx_error(const std::string& what, bool bad_input)
    : std::runtime_error(what), bad_input_(bad_input) {
    // nop
  }

  /// Returns whether the runtime blames the input.
  [[nodiscard]] bool bad_input() const noexcept {
    return bad_input_;
  }

private:
  bool bad_input_;
};

/// A loaded model. Immutable: `run` is safe from every thread, at once.
class onnx_session {
public:
  /// @param intra_op_threads for one run; 0 takes one for each core.
  /// @throws onnx_error
  onnx_session(const std::filesystem::path& file, int intra_op_threads);

  ~onnx_session();

  onnx_session(const onnx_session&) = delete;
  onnx_session& operator=(const onnx_session&) = delete;

  [[nodiscard]] const std::vector<tensor_spec>& inputs() const noexcept;

  [[nodiscard]] const std::vector<tensor_spec>& outputs() const noexcept;

  /// Outputs of types that no tensor has (strings, sequences, ...); they are
  /// never computed.
  [[nodiscard]] const std::vector<std::string>& left_out() const noexcept;

  /// Runs the model once.
  /// @param inputs in the order of `inputs()`, of admitted shapes.
  /// @returns the outputs in the order of `outputs()`.
  /// @throws onnx_error
  [[nodiscard]] std::vector<tensor> run(std::vector<tensor> inputs) const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// The session that all workers of a model share. Thread-safe.
class onnx_session_source {
public:
  onnx_session_source(std::filesystem::path file, int intra_op_threads)
    : file_(std::move(file)), intra_op_threads_(intra_op_threads) {
    // nop
  }

  /// Loads the model unless an earlier call did; after a failure the next
  /// call tries again.
  /// @throws onnx_error
  std::shared_ptr<const onnx_session> get();

private:
  std::filesystem::path file_;
  int intra_op_threads_;
  std::mutex mutex_;
  std::shared_ptr<const onnx_session> session_;
};

} // namespace troupe
