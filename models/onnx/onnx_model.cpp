#include "troupe/models/onnx/onnx_model.hpp"

#include "troupe/models/option_reader.hpp"
#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/model/hook_events.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <system_error>

namespace troupe {

namespace {

/// Larger inputs are not kept for trying the model.
constexpr std::size_t max_known_good_bytes = std::size_t{1} << 20;

std::size_t bytes_of(const std::vector<tensor>& xs) {
  std::size_t result = 0;
  for (const auto& x : xs) {
    result += x.bytes.size();
    for (const auto& text : x.texts)
      result += text.size();
  }
  return result;
}

/// What follows from the file and the config together.
struct fitted_model {
  onnx_codec codec;
  onnx_stacking stacking;
};

/// @throws model_config_error when they do not fit
fitted_model fit(const onnx_session& session, const onnx_model_options& x) {
  fitted_model result{
    {session.inputs(), session.outputs(), x.codec},
    find_stacking(session.inputs(), session.outputs(), x.rows_are_independent)};
  if (x.batch_size > 1 && !result.stacking.allowed())
    throw model_config_error("batch.max_size", result.stacking.explain());
  return result;
}

} // namespace

void onnx_model::setup(const worker_slot& slot) {
  slot_ = slot;
  observed(slot_, {}, &callback::on_before_setup, &callback::on_after_setup,
           [this] {
             const auto& options = shared_->options;
             try {
               session_ = shared_->source.get();
               auto fitted = fit(*session_, options);
               codec_.emplace(std::move(fitted.codec));
               stacking_ = std::move(fitted.stacking);
             } catch (const model_config_error& e) {
               throw std::runtime_error(e.where() + ": " + e.what());
             }
             stacks_ = options.batch_size > 1;
           });
  if (stacks_ && slot_.index == 0)
    slot_.log(log_level::info, slot_.model
                                 + ": requests are stacked along axis 0, "
                                 + (stacking_.axis.empty()
                                      ? R"(as options.rows is "independent")"
                                      : '"' + stacking_.axis + '"'));
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
      items.push_back(make_item(*ex));
    } catch (...) {
      fail(*ex);
    }
  }
  auto first = items.begin();
  while (first != items.end()) {
    auto last = first + 1;
    if (first->stacks)
      last = std::stable_partition(last, items.end(), [&](const item& x) {
        return stackable_items(*first, x);
      });
    // Also when one bad item failed the run: then only that one fails.
    if (last - first == 1 || !run_together({first, last}))
      std::for_each(first, last, [this](item& x) { run_alone(x); });
    first = last;
  }
}

onnx_model::item onnx_model::make_item(exchange& ex) const {
  const std::array<const request*, 1> requests{&ex.request};
  auto inputs = observed(slot_, requests, &callback::on_before_decode_request,
                         &callback::on_after_decode_request,
                         [&] { return codec_->decode(ex.request); });
  auto rows = inputs.empty() ? 1 : inputs.front().rows();
  auto follows = [&](const tensor& x) {
    const auto& rowless = stacking_.rowless;
    return !x.shape.empty() && x.rows() == rows
           && std::find(rowless.begin(), rowless.end(), x.name)
                == rowless.end();
  };
  auto stacks = stacks_ && !shared_->one_by_one && !inputs.empty()
                && std::all_of(inputs.begin(), inputs.end(), follows);
  return {&ex, std::move(inputs), rows, stacks};
}

bool onnx_model::stackable_items(const item& lhs, const item& rhs) {
  return rhs.stacks
         && std::equal(lhs.inputs.begin(), lhs.inputs.end(), rhs.inputs.begin(),
                       rhs.inputs.end(), [](const auto& x, const auto& y) {
                         return x.name == y.name && stackable(x, y);
                       });
}

std::vector<onnx_value> onnx_model::predict(std::span<const item> items,
                                            std::vector<tensor> inputs) {
  std::vector<const request*> requests;
  if (slot_.callbacks != nullptr)
    for (const auto& x : items)
      requests.push_back(&x.ex->request);
  std::optional<std::vector<tensor>> copy;
  if (!known_good_)
    copy =
      bytes_of(inputs) <= max_known_good_bytes ? inputs : std::vector<tensor>{};
  auto result = observed(slot_, requests, &callback::on_before_predict,
                         &callback::on_after_predict,
                         [&] { return session_->run(std::move(inputs)); });
  if (copy && !copy->empty())
    known_good_ = std::move(copy);
  return result;
}

bool onnx_model::run_together(std::span<item> items) {
  std::vector<onnx_value> outputs;
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
  auto wrong = std::find_if(outputs.begin(), outputs.end(),
                            [&](const auto& x) { return rows_of(x) != rows; });
  if (wrong != outputs.end()) {
    // It is not known which rows belong to which request.
    if (!shared_->one_by_one.exchange(true))
      slot_.log(log_level::warning,
                slot_.model + ": the output \"" + name_of(*wrong)
                  + "\" does not have the rows of the inputs; from now on "
                    "requests run one by one. Set batch.max_size to 1");
    return false;
  }
  std::size_t first_row = 0;
  for (const auto& x : items) {
    try {
      std::vector<onnx_value> own;
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

void onnx_model::answer(const item& x, const std::vector<onnx_value>& outputs) {
  const std::array<const request*, 1> requests{&x.ex->request};
  x.ex->finish(
    json_reply(observed(slot_, requests, &callback::on_before_encode_response,
                        &callback::on_after_encode_response,
                        [&] { return codec_->encode(outputs, x.rows); })));
}

bool onnx_model::works() const {
  if (!known_good_)
    return true;
  try {
    (void)session_->run(*known_good_);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void onnx_model::fail(exchange& ex) {
  auto level = log_level::error;
  std::string log_text;
  auto why = failure_from_current_exception(log_text);
  try {
    throw;
  } catch (const onnx_error& e) {
    if (e.fault() == onnx_fault::memory) {
      why = http_error(503, "Not enough memory for this request").why();
    } else if (e.fault() == onnx_fault::input && works()) {
      why = validation_error("value_error",
                             "the model refuses this input"
                               + (e.reason().empty() ? "" : ": " + e.reason()))
              .to_failure();
      // A client's fault is not worth a line of the server's log.
      level = log_level::debug;
    }
  } catch (...) {
    // Nothing to add.
  }
  if (!log_text.empty())
    slot_.log(level, slot_.model + ": " + ex.log_name() + ": " + log_text);
  ex.fail(std::move(why));
}

// -- the factory -------------------------------------------------------------

namespace {

constexpr int max_intra_op_threads = 256;

/// A larger file is not opened twice: what is wrong is found at the start.
constexpr std::uintmax_t max_looked_at_bytes = std::uintmax_t{256} << 20;

onnx_model_options read_options(const model_config& config) {
  onnx_model_options result;
  auto& codec = result.codec;
  option_reader reader{config.options};
  std::string non_finite{"error"};
  std::string rows{"named"};
  reader
    .read_between("intra_op_threads", result.session.intra_op_threads, 0,
                  max_intra_op_threads)
    .read("outputs", result.session.outputs)
    .read("rows", rows)
    .read("classify", codec.classify)
    .read("labels", codec.labels)
    .read("image_scale", codec.image_scale)
    .read("non_finite", non_finite)
    .done();
  if (config.options.contains("outputs") && result.session.outputs.empty())
    reader.refuse("outputs", "expected at least one name of an output; leave "
                             "it out for all");
  if (rows != "named" && rows != "independent")
    reader.refuse("rows", R"(expected "named" or "independent")");
  result.rows_are_independent = rows == "independent";
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
  return result;
}

/// Refuses what does not fit the file, if it can be opened; else the start
/// says why not.
void look_into(const std::filesystem::path& file,
               const onnx_model_options& options) {
  std::error_code ec;
  auto size = std::filesystem::file_size(file, ec);
  auto asks = options.batch_size > 1 || !options.codec.classify.empty()
              || !options.session.outputs.empty();
  if (!asks || ec || size > max_looked_at_bytes)
    return;
  auto light = options.session;
  light.only_look = true;
  try {
    (void)fit(onnx_session{file, light}, options);
  } catch (const onnx_error&) {
    // The start finds it, too.
  }
}

} // namespace

model_definition make_onnx_definition(model_options options,
                                      const model_config& config) {
  expect_cpu(options, "onnx");
  auto read = read_options(config);
  read.batch_size = options.batch.max_size;
  auto file = model_file(config);
  look_into(file, read);
  auto shared = std::make_shared<onnx_shared>(std::move(file), std::move(read));
  model_definition result;
  result.options = std::move(options);
  result.batched = true;
  result.make = [shared](const worker_slot&) {
    return std::make_unique<onnx_model>(shared);
  };
  return result;
}

} // namespace troupe
