#pragma once

#include "troupe/models/tensor/tensor.hpp"
#include "troupe/specs/values/request.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace troupe {

/// What the config may say about requests and answers of an ONNX model.
struct onnx_codec_options {
  /// The output whose largest element is the answer's class; "" for none.
  std::string classify = {};
  /// The names of the classes.
  std::vector<std::string> labels = {};
  /// What a pixel of 0..255 is multiplied with.
  double image_scale = 1.0 / 255;
  /// Whether an output that is a NaN or an infinity becomes `null`, instead of
  /// making the answer an error.
  bool null_for_nan = false;
};

/// Turns requests into a model's input tensors and output tensors into
/// answers; needs no ONNX Runtime. Immutable, so safe from every thread.
///
/// A request is a PNG image (one float32 input [N,1,H,W] or [N,3,H,W]), a JSON
/// array (one input), or an object `{"inputs": {NAME: TENSOR, ...}}` or
/// `{NAME: TENSOR, ...}`; see `read_tensor` for the forms of a tensor.
///
/// An answer is `{"outputs": {NAME: nested arrays}}`, with `class`, `score`
/// and `label` when `classify` is set: lists when there is more than one row.
class onnx_codec {
public:
  /// @throws std::runtime_error when the options do not fit the model.
  onnx_codec(std::vector<tensor_spec> inputs, std::vector<tensor_spec> outputs,
             onnx_codec_options options);

  /// Returns whether the first axis of every input and output is the same
  /// free one, so that requests can be put into one run.
  [[nodiscard]] bool batchable() const noexcept {
    return batchable_;
  }

  /// Returns the inputs in the model's order.
  /// @throws validation_error, json_syntax_error, http_error
  [[nodiscard]] std::vector<tensor> decode(const request& x) const;

  /// Makes the answer to a request of `rows` rows.
  /// @throws std::domain_error that names the place of a number that JSON
  ///         cannot write, unless it may become `null`
  [[nodiscard]] nlohmann::json encode(const std::vector<tensor>& outputs,
                                      std::size_t rows) const;

private:
  [[nodiscard]] std::vector<tensor> decode_image(const request& x) const;

  [[nodiscard]] std::vector<tensor>
  decode_document(const nlohmann::json& document) const;

  [[nodiscard]] std::vector<tensor>
  decode_named(const nlohmann::json& object) const;

  void check_rows(const std::vector<tensor>& xs) const;

  void classify(const tensor& x, std::size_t rows, nlohmann::json& out) const;

  [[nodiscard]] std::string input_names() const;

  [[nodiscard]] bool takes_images() const noexcept;

  [[nodiscard]] bool has_input(const std::string& name) const noexcept;

  std::vector<tensor_spec> inputs_;
  std::vector<tensor_spec> outputs_;
  onnx_codec_options options_;
  bool batchable_ = false;
};

} // namespace troupe
