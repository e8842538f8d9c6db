#pragma once

#include "troupe/models/onnx/onnx_error.hpp"
#include "troupe/models/onnx/onnx_value.hpp"
#include "troupe/models/tensor/tensor.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

struct onnx_session_options {
  /// For one run; 0 takes one for each core.
  int intra_op_threads = 1;
  /// Names of the outputs to compute; empty for all.
  std::vector<std::string> outputs = {};
  /// Whether the session is only asked for its inputs and outputs: it loads
  /// faster, starts no threads, and its runs are slow.
  bool only_look = false;
};

/// A loaded model. Immutable: `run` is safe from every thread, at once.
class onnx_session {
public:
  /// @throws model_config_error when `options.outputs` does not fit the model
  /// @throws onnx_error when the file cannot be served: it is broken, or an
  ///         input or a chosen output is of a type that is not supported
  onnx_session(const std::filesystem::path& file,
               const onnx_session_options& options);

  ~onnx_session();

  onnx_session(const onnx_session&) = delete;
  onnx_session& operator=(const onnx_session&) = delete;

  /// In the model's order; then the optional ones, initialisers that a request
  /// may override.
  [[nodiscard]] const std::vector<tensor_spec>& inputs() const noexcept;

  /// Those that are computed, in the model's order.
  [[nodiscard]] const std::vector<onnx_output>& outputs() const noexcept;

  /// Runs the model once.
  /// @param inputs by their names, of admitted shapes; all that are not
  ///        optional
  /// @returns the outputs in the order of `outputs()`.
  /// @throws onnx_error
  [[nodiscard]] std::vector<onnx_value> run(std::vector<tensor> inputs) const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// The session that all workers of a model share. Thread-safe.
class onnx_session_source {
public:
  onnx_session_source(std::filesystem::path file, onnx_session_options options)
    : file_(std::move(file)), options_(std::move(options)) {
    // nop
  }

  /// Loads the model unless an earlier call did; after a failure the next
  /// call tries again.
  /// @throws as the session's constructor
  std::shared_ptr<const onnx_session> get();

private:
  std::filesystem::path file_;
  onnx_session_options options_;
  std::mutex mutex_;
  std::shared_ptr<const onnx_session> session_;
};

} // namespace troupe
