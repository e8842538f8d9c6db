#pragma once

#include "troupe/models/onnx/onnx_value.hpp"
#include "troupe/models/tensor/tensor.hpp"
#include "troupe/specs/json/json_reader.hpp"
#include "troupe/specs/values/request.hpp"

#include <nlohmann/json.hpp>

#include <optional>
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
  /// making the answer an error, and `null` in an input of real numbers is a
  /// NaN.
  bool null_for_nan = false;
};

/// Turns requests into a model's input tensors and output tensors into
/// answers; needs no ONNX Runtime. Immutable, so safe from every thread.
///
/// A request is a PNG image (one float32 input [N,1,H,W] or [N,3,H,W]), a JSON
/// array (one input), or an object `{"inputs": {NAME: TENSOR, ...}}` or
/// `{NAME: TENSOR, ...}`; see `read_tensor` for the forms of a tensor. Optional
/// inputs do not count as inputs of the first two. Axes of one name have one
/// size in a request.
///
/// An answer is `{"outputs": {NAME: nested arrays}}`, with `class`, `score`
/// and `label` when `classify` is set: lists unless there is one row.
class onnx_codec {
public:
  /// @throws model_config_error when the options do not fit the model.
  onnx_codec(std::vector<tensor_spec> inputs, std::vector<onnx_output> outputs,
             onnx_codec_options options);

  /// Returns the inputs in the model's order; optional ones only if they are
  /// given.
  /// @throws validation_error, json_syntax_error, http_error
  [[nodiscard]] std::vector<tensor> decode(const request& x) const;

  /// Makes the answer to a request of `rows` rows.
  /// @throws std::domain_error that names the place of a number that JSON
  ///         cannot write, unless it may become `null`
  [[nodiscard]] nlohmann::json encode(const std::vector<onnx_value>& outputs,
                                      std::size_t rows) const;

private:
  /// Reads plain numbers without a document.
  /// @returns nothing for what needs one, or is wrong in a way that it tells
  [[nodiscard]] std::optional<std::vector<tensor>>
  decode_text(const request& x) const;

  /// Reads the inputs of the object at hand.
  /// @param may_wrap whether they may be in an object "inputs" in it
  /// @returns whether all was plain
  bool read_named_text(json_reader& in,
                       std::vector<std::optional<tensor>>& found,
                       bool may_wrap) const;

  [[nodiscard]] std::vector<tensor> decode_image(const request& x) const;

  [[nodiscard]] std::vector<tensor>
  decode_document(const nlohmann::json& document) const;

  [[nodiscard]] std::vector<tensor>
  decode_named(const nlohmann::json& object) const;

  void check_classify(const std::vector<onnx_output>& outputs) const;

  void classify(const tensor& x, std::size_t rows, nlohmann::json& out) const;

  [[nodiscard]] std::string input_names() const;

  [[nodiscard]] bool takes_images() const noexcept;

  /// Returns the only input that a request must give, or null.
  [[nodiscard]] const tensor_spec* sole_input() const noexcept;

  [[nodiscard]] bool has_input(const std::string& name) const noexcept;

  std::vector<tensor_spec> inputs_;
  onnx_codec_options options_;
};

} // namespace troupe
