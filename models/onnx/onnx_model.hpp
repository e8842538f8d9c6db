#pragma once

#include "troupe/models/onnx/onnx_codec.hpp"
#include "troupe/models/onnx/onnx_rows.hpp"
#include "troupe/models/onnx/onnx_session.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/specs/model/model.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace troupe {

/// What the config says of a model of type `onnx`.
struct onnx_model_options {
  onnx_session_options session = {};
  onnx_codec_options codec = {};
  /// Whether the config says that rows are independent.
  bool rows_are_independent = false;
  /// `batch.max_size` of the entry.
  std::size_t batch_size = 1;
};

/// What the workers of one model share. Thread-safe.
struct onnx_shared {
  explicit onnx_shared(std::filesystem::path file, onnx_model_options x)
    : source(std::move(file), x.session), options(std::move(x)) {
    // nop
  }

  onnx_session_source source;
  const onnx_model_options options;
  /// Set for good when the outputs of a stacked run do not have its rows.
  std::atomic<bool> one_by_one = false;
};

/// Serves an ONNX file; `onnx_codec` says what requests and answers look
/// like, `find_stacking` which requests of a batch go through the model in one
/// run: those whose tensors differ in the number of rows only.
class onnx_model : public model {
public:
  explicit onnx_model(std::shared_ptr<onnx_shared> shared)
    : shared_(std::move(shared)) {
    // nop
  }

  /// Loads the session unless another worker did.
  /// @throws std::runtime_error when the options do not fit the model
  void setup(const worker_slot& slot) override;

  void process(std::span<const exchange_ptr> batch) override;

private:
  struct item {
    exchange* ex;
    std::vector<tensor> inputs;
    std::size_t rows;
    /// Whether all inputs have these rows.
    bool stacks;
  };

  [[nodiscard]] item make_item(exchange& ex) const;

  [[nodiscard]] static bool stackable_items(const item& lhs, const item& rhs);

  /// Runs the session for these items, and tells the callbacks.
  std::vector<onnx_value> predict(std::span<const item> items,
                                  std::vector<tensor> inputs);

  /// @returns whether the items were answered.
  bool run_together(std::span<item> items);

  void run_alone(item& x);

  void answer(const item& x, const std::vector<onnx_value>& outputs);

  /// Returns whether the model still takes what it took before.
  [[nodiscard]] bool works() const;

  /// Fails the exchange with the exception in flight.
  void fail(exchange& ex);

  std::shared_ptr<onnx_shared> shared_;
  worker_slot slot_;
  std::shared_ptr<const onnx_session> session_;
  std::optional<onnx_codec> codec_;
  onnx_stacking stacking_;
  bool stacks_ = false;
  /// Inputs that the model took, unless they are large.
  std::optional<std::vector<tensor>> known_good_;
};

/// The factory of the type `onnx`; docs/models.md has the options. Looks into
/// the file for what options say of the model, if it can be opened.
/// @throws model_config_error
model_definition make_onnx_definition(model_options options,
                                      const model_config& config);

} // namespace troupe
