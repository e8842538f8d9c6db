#include "troupe/models/onnx/onnx_model.hpp"

#include "troupe/models/option_reader.hpp"
#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/model/hook_events.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace troupe {

onnx_model::onnx_model(std::shared_ptr<onnx_session_source> source,
                       onnx_codec_options options)
  : source_(std::move(source)), options_(std::move(options)) {
  // nop
}

void onnx_model::setup(const worker_slot& slot) {
  slot_ = slot;
  observed(slot_, {}, &callback::on_before_setup, &callback::on_after_setup,
           [this] {
             session_ = source_->get();
             codec_.emplace(session_->inputs(), session_->outputs(), options_);
             batchable_ = codec_->batchable();
           });
  for (const auto& name : session_->left_out())
    slot_.log(log_level::warning, slot_.model + ": the output \"" + name
                                    + "\" is of a type that is not served");
}

void onnx_model::process(std::span<const exchange_ptr> batch) {
  std::vector<item> items;
  items.reserve(batch.size());
  for (const auto& ex : batch) {
    if (ex->cancelled()) {
      ex->fail(make_failure(errc::cancelled));
      continue;
    }
    try {
      const std::array<const request*, 1> requests{&ex->request};
      auto inputs =
        observed(slot_, requests, &callback::on_before_decode_request,
                 &callback::on_after_decode_request,
                 [&] { return codec_->decode(ex->request); });
      auto rows = inputs.empty() ? 1 : inputs.front().rows();
      items.push_back({ex.get(), std::move(inputs), rows});
    } catch (...) {
      fail(*ex);
    }
  }
  auto first = items.begin();
  while (first != items.end()) {
    auto last = first + 1;
    if (batchable_)
      last = std::stable_partition(last, items.end(), [&](const item& x) {
        return stackable_items(*first, x);
      });
    // Also when one bad item failed the run: then only that one fails.
    if (last - first == 1 || !run_together({first, last}))
      std::for_each(first, last, [this](item& x) { run_alone(x); });
    first = last;
  }
}

bool onnx_model::stackable_items(const item& lhs, const item& rhs) {
  return std::equal(lhs.inputs.begin(), lhs.inputs.end(), rhs.inputs.begin(),
                    rhs.inputs.end(), stackable);
}

std::vector<tensor> onnx_model::predict(std::span<const item> items,
                                        std::vector<tensor> inputs) {
  std::vector<const request*> requests;
  if (slot_.callbacks != nullptr)
    for (const auto& x : items)
      requests.push_back(&x.ex->request);
  return observed(slot_, requests, &callback::on_before_predict,
                  &callback::on_after_predict,
                  [&] { return session_->run(std::move(inputs)); });
}

bool onnx_model::run_together(std::span<item> items) {
  std::vector<tensor> outputs;
  std::size_t rows = 0;
  try {
    auto inputs = items.front().inputs;
    for (const auto& x : items.subspan(1))
      for (std::size_t i = 0; i < inputs.size(); ++i)
        append_rows(inputs[i], x.inputs[i]);
    rows = inputs.front().rows();
    outputs = predict(items, std::move(inputs));
  } catch (const std::exception& e) {
    slot_.log(log_level::debug,
              slot_.model + ": the batch runs one by one: " + e.what());
    return false;
  }
  auto follows = [rows](const tensor& x) {
    return !x.shape.empty() && x.rows() == rows;
  };
  if (!std::all_of(outputs.begin(), outputs.end(), follows)) {
    slot_.log(log_level::warning,
              slot_.model
                + ": the outputs do not have the inputs' rows; from "
                  "now on requests run one by one");
    batchable_ = false;
    return false;
  }
  std::size_t first_row = 0;
  for (const auto& x : items) {
    try {
      std::vector<tensor> own;
      own.reserve(outputs.size());
      for (const auto& output : outputs)
        own.push_back(take_rows(output, first_row, x.rows));
      answer(x, own);
    } catch (...) {
      fail(*x.ex);
    }
    first_row += x.rows;
  }
  return true;
}

void onnx_model::run_alone(item& x) {
  if (x.ex->cancelled()) {
    x.ex->fail(make_failure(errc::cancelled));
    return;
  }
  try {
    answer(x, predict({&x, 1}, std::move(x.inputs)));
  } catch (...) {
    fail(*x.ex);
  }
}

void onnx_model::answer(const item& x, const std::vector<tensor>& outputs) {
  const std::array<const request*, 1> requests{&x.ex->request};
  x.ex->finish(
    json_reply(observed(slot_, requests, &callback::on_before_encode_response,
                        &callback::on_after_encode_response,
                        [&] { return codec_->encode(outputs, x.rows); })));
}

void onnx_model::fail(exchange& ex) {
  std::string log_text;
  auto why = failure_from_current_exception(log_text);
  try {
    throw;
  } catch (const onnx_error& e) {
    // The runtime's text names nodes and source files: not for clients.
    if (e.bad_input())
      why = validation_error("value_error", "the model refuses this input")
              .to_failure();
  } catch (...) {
    // Nothing to add.
  }
  if (!log_text.empty())
    slot_.log(log_level::error,
              slot_.model + ": request " + ex.request_id + ": " + log_text);
  ex.fail(std::move(why));
}

// -- the factory -------------------------------------------------------------

namespace {

constexpr int max_intra_op_threads = 256;

} // namespace

model_definition make_onnx_definition(model_options options,
                                      const model_config& config) {
  option_reader reader{config.options};
  int threads = 1;
  onnx_codec_options codec;
  std::string non_finite{"error"};
  reader.read_between("intra_op_threads", threads, 0, max_intra_op_threads)
    .read("classify", codec.classify)
    .read("labels", codec.labels)
    .read("image_scale", codec.image_scale)
    .read("non_finite", non_finite)
    .done();
  if (config.options.contains("classify") && codec.classify.empty())
    reader.refuse("classify", "expected the name of an output");
  if (!codec.labels.empty() && codec.classify.empty())
    reader.refuse("labels", "labels need options.classify, the name of the "
                            "output that they belong to");
  if (!std::isfinite(codec.image_scale) || codec.image_scale == 0)
    reader.refuse("image_scale", "expected a number other than 0");
  if (non_finite != "error" && non_finite != "null")
    reader.refuse("non_finite", R"(expected "error" or "null")");
  codec.null_for_nan = non_finite == "null";
  auto source =
    std::make_shared<onnx_session_source>(model_file(config), threads);
  model_definition result;
  result.options = std::move(options);
  result.batched = true;
  result.make = [source, codec](const worker_slot&) {
    return std::make_unique<onnx_model>(source, codec);
  };
  return result;
}

} // namespace troupe
