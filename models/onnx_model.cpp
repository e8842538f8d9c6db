#include "troupe/models/onnx_model.hpp"

#include "troupe/specs/validation.hpp"

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
  session_ = source_->get();
  codec_.emplace(session_->inputs(), session_->outputs(), options_);
  batchable_ = codec_->batchable();
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
      auto inputs = codec_->decode(ex->request);
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

bool onnx_model::run_together(std::span<item> items) {
  std::vector<tensor> outputs;
  std::size_t rows = 0;
  try {
    auto inputs = items.front().inputs;
    for (const auto& x : items.subspan(1))
      for (std::size_t i = 0; i < inputs.size(); ++i)
        append_rows(inputs[i], x.inputs[i]);
    rows = inputs.front().rows();
    outputs = session_->run(std::move(inputs));
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
    answer(x, session_->run(std::move(x.inputs)));
  } catch (...) {
    fail(*x.ex);
  }
}

void onnx_model::answer(const item& x, const std::vector<tensor>& outputs) {
  x.ex->finish(json_reply(codec_->encode(outputs, x.rows)));
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

template <class T>
void read_option(const nlohmann::json& options, const char* key, T& out) {
  auto i = options.find(key);
  if (i == options.end())
    return;
  try {
    read_value(*i, out);
  } catch (const validation_error& e) {
    throw model_config_error(std::string{"options."} + key, e.message());
  }
}

void check_option_names(const nlohmann::json& options) {
  constexpr std::array<std::string_view, 5> known{
    "classify", "image_scale", "intra_op_threads", "labels", "non_finite"};
  if (!options.is_object())
    throw model_config_error("options", "expected object, got "
                                          + std::string{options.type_name()});
  for (const auto& [key, value] : options.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw model_config_error("options." + key,
                               "unknown option; onnx knows classify, "
                               "image_scale, intra_op_threads, labels, "
                               "non_finite");
}

std::filesystem::path find_file(const model_config& config) {
  if (config.path.empty())
    throw model_config_error("path", "an onnx model needs the path of its file,"
                                     " relative to the config file");
  auto result = (config.directory / config.path).lexically_normal();
  std::error_code ec;
  if (!std::filesystem::is_regular_file(result, ec))
    throw model_config_error("path", "there is no file " + result.string());
  return result;
}

} // namespace

model_definition make_onnx_definition(model_options options,
                                      const model_config& config) {
  check_option_names(config.options);
  int threads = 1;
  read_option(config.options, "intra_op_threads", threads);
  if (threads < 0 || threads > max_intra_op_threads)
    throw model_config_error("options.intra_op_threads",
                             "expected 0 (one for each core) to "
                               + std::to_string(max_intra_op_threads) + ", got "
                               + std::to_string(threads));
  onnx_codec_options codec;
  read_option(config.options, "classify", codec.classify);
  if (config.options.contains("classify") && codec.classify.empty())
    throw model_config_error("options.classify",
                             "expected the name of an output");
  read_option(config.options, "labels", codec.labels);
  if (!codec.labels.empty() && codec.classify.empty())
    throw model_config_error("options.labels",
                             "labels need options.classify, the name of the "
                             "output that they belong to");
  read_option(config.options, "image_scale", codec.image_scale);
  if (!std::isfinite(codec.image_scale) || codec.image_scale == 0)
    throw model_config_error("options.image_scale",
                             "expected a number other than 0");
  std::string non_finite{"error"};
  read_option(config.options, "non_finite", non_finite);
  if (non_finite != "error" && non_finite != "null")
    throw model_config_error("options.non_finite",
                             R"(expected "error" or "null")");
  codec.null_for_nan = non_finite == "null";
  auto source =
    std::make_shared<onnx_session_source>(find_file(config), threads);
  model_definition result;
  result.options = std::move(options);
  result.batched = true;
  result.make = [source, codec](const worker_slot&) {
    return std::make_unique<onnx_model>(source, codec);
  };
  return result;
}

} // namespace troupe
