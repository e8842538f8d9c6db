#pragma once

#include "troupe/models/onnx/onnx_codec.hpp"
#include "troupe/models/onnx/onnx_session.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/specs/model/model.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace troupe {

/// Serves an ONNX file; `onnx_codec` says what requests and answers look
/// like. Instances of one definition share one session.
///
/// Requests of a batch whose tensors differ in the number of rows only go
/// through the model in one run, given that every input and output has the
/// same free first axis. Such a model must treat rows independently, as
/// batches do; for one that does not (say, audio frames along axis 0), leave
/// `batch.max_size` at 1.
class onnx_model : public model {
public:
  onnx_model(std::shared_ptr<onnx_session_source> source,
             onnx_codec_options options);

  /// Loads the session unless another worker did.
  void setup(const worker_slot& slot) override;

  void process(std::span<const exchange_ptr> batch) override;

private:
  struct item {
    exchange* ex;
    std::vector<tensor> inputs;
    std::size_t rows;
  };

  [[nodiscard]] static bool stackable_items(const item& lhs, const item& rhs);

  /// Runs the session for these items, and tells the callbacks.
  std::vector<tensor> predict(std::span<const item> items,
                              std::vector<tensor> inputs);

  /// @returns whether the items were answered.
  bool run_together(std::span<item> items);

  void run_alone(item& x);

  void answer(const item& x, const std::vector<tensor>& outputs);

  /// Fails the exchange with the exception in flight.
  void fail(exchange& ex);

  std::shared_ptr<onnx_session_source> source_;
  onnx_codec_options options_;
  worker_slot slot_;
  std::shared_ptr<const onnx_session> session_;
  std::optional<onnx_codec> codec_;
  /// Cleared for a model whose outputs turn out not to follow its rows.
  bool batchable_ = false;
};

/// The factory of the type `onnx`. Options: `intra_op_threads`, `classify`,
/// `labels`, `image_scale`, `non_finite`.
/// @throws model_config_error
model_definition make_onnx_definition(model_options options,
                                      const model_config& config);

} // namespace troupe
