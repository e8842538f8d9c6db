#include "troupe/models/onnx/onnx_session.hpp"

#include "troupe/models/onnx/onnx_types.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/specs/input/nearest.hpp"

#include <algorithm>
#include <new>

namespace troupe {

namespace {

/// Checks and publishes the C API once. The C++ wrapper would use a null
/// pointer instead of saying that the library is too old.
void require_api() {
  static const OrtApi* api = [] {
    const auto* result = OrtGetApiBase()->GetApi(ORT_API_VERSION);
    if (result != nullptr)
      Ort::InitApi(result);
    return result;
  }();
  if (api == nullptr)
    throw onnx_error("ONNX Runtime library is older than the headers: it is "
                     + std::string{OrtGetApiBase()->GetVersionString()}
                     + ", built for API " + std::to_string(ORT_API_VERSION));
}

/// Returns whether no input can cause the error.
bool is_of_the_model(OrtErrorCode code) noexcept {
  switch (code) {
    case ORT_NO_SUCHFILE:
    case ORT_NO_MODEL:
    case ORT_ENGINE_ERROR:
    case ORT_INVALID_PROTOBUF:
    case ORT_MODEL_LOADED:
    case ORT_INVALID_GRAPH:
    case ORT_EP_FAIL:
      return true;
    default:
      return false;
  }
}

} // namespace

struct onnx_session::impl {
  impl(const std::filesystem::path& file, const onnx_session_options& options)
    : session(env, file.c_str(), make_options(options)) {
    inspect_inputs();
    inspect_outputs(options.outputs);
  }

  static Ort::SessionOptions make_options(const onnx_session_options& options) {
    Ort::SessionOptions result;
    result.SetIntraOpNumThreads(options.only_look ? 1
                                                  : options.intra_op_threads);
    result.SetInterOpNumThreads(1);
    result.SetLogSeverityLevel(ORT_LOGGING_LEVEL_ERROR);
    // Helpers that spin for work would take the cores of the other workers.
    result.AddConfigEntry("session.intra_op.allow_spinning", "0");
    if (options.only_look) {
      result.SetGraphOptimizationLevel(ORT_DISABLE_ALL);
      result.AddConfigEntry("session.disable_prepacking", "1");
    }
    return result;
  }

  void inspect_inputs() {
    for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
      std::string name{session.GetInputNameAllocated(i, allocator).get()};
      auto type = session.GetInputTypeInfo(i);
      auto spec = spec_of(name, type);
      if (!spec)
        throw onnx_error("the input \"" + name + "\" is a " + type_text(type)
                         + ", which no request can give");
      inputs.push_back(std::move(*spec));
    }
    for (std::size_t i = 0; i < session.GetOverridableInitializerCount(); ++i) {
      auto spec = spec_of(
        session.GetOverridableInitializerNameAllocated(i, allocator).get(),
        session.GetOverridableInitializerTypeInfo(i));
      if (!spec)
        continue;
      spec->optional = true;
      inputs.push_back(std::move(*spec));
    }
  }

  void inspect_outputs(const std::vector<std::string>& chosen) {
    std::vector<std::string> known;
    for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
      known.emplace_back(session.GetOutputNameAllocated(i, allocator).get());
      const auto& name = known.back();
      if (!chosen.empty()
          && std::find(chosen.begin(), chosen.end(), name) == chosen.end())
        continue;
      auto type = session.GetOutputTypeInfo(i);
      auto output = output_of(name, type);
      if (!output)
        throw onnx_error("the output \"" + name + "\" is a " + type_text(type)
                         + ", which an answer cannot express; choose others "
                           "with options.outputs");
      outputs.push_back(std::move(*output));
    }
    for (const auto& name : chosen)
      if (std::find(known.begin(), known.end(), name) == known.end())
        throw model_config_error("options.outputs",
                                 unknown_name("output", name, known));
    for (const auto& x : outputs)
      output_names.push_back(x.spec.name.c_str());
  }

  Ort::Env env{ORT_LOGGING_LEVEL_ERROR, "troupe"};
  Ort::AllocatorWithDefaultOptions allocator;
  Ort::MemoryInfo memory =
    Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeCPU);
  Ort::Session session;
  std::vector<tensor_spec> inputs;
  std::vector<onnx_output> outputs;
  // Point into the outputs.
  std::vector<const char*> output_names;
};

onnx_session::onnx_session(const std::filesystem::path& file,
                           const onnx_session_options& options) {
  require_api();
  try {
    impl_ = std::make_unique<impl>(file, options);
  } catch (const Ort::Exception& e) {
    throw onnx_error("cannot load " + file.string() + ": " + e.what());
  } catch (const onnx_error& e) {
    throw onnx_error("cannot serve " + file.string() + ": " + e.what());
  }
}

onnx_session::~onnx_session() = default;

const std::vector<tensor_spec>& onnx_session::inputs() const noexcept {
  return impl_->inputs;
}

const std::vector<onnx_output>& onnx_session::outputs() const noexcept {
  return impl_->outputs;
}

std::vector<onnx_value> onnx_session::run(std::vector<tensor> inputs) const {
  try {
    std::vector<Ort::Value> values;
    std::vector<const char*> names;
    values.reserve(inputs.size());
    names.reserve(inputs.size());
    for (auto& x : inputs) {
      values.push_back(make_value(x, impl_->memory, impl_->allocator));
      names.push_back(x.name.c_str());
    }
    Ort::RunOptions options;
    // Errors come as exceptions; bad requests must not fill the console.
    options.SetRunLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
    const auto& wanted = impl_->output_names;
    auto results =
      impl_->session.Run(options, names.data(), values.data(), values.size(),
                         wanted.data(), wanted.size());
    std::vector<onnx_value> outputs;
    outputs.reserve(results.size());
    for (std::size_t i = 0; i < results.size(); ++i)
      outputs.push_back(
        copy_out(results[i], impl_->outputs[i], impl_->allocator));
    return outputs;
  } catch (const Ort::Exception& e) {
    std::string what{e.what()};
    throw onnx_error("the run failed: " + what,
                     is_of_the_model(e.GetOrtErrorCode()) ? onnx_fault::model
                                                          : fault_of_run(what),
                     reason_of_run(what));
  } catch (const std::bad_alloc&) {
    throw onnx_error("the run failed: std::bad_alloc", onnx_fault::memory);
  }
}

std::shared_ptr<const onnx_session> onnx_session_source::get() {
  std::lock_guard guard{mutex_};
  if (session_ == nullptr)
    session_ = std::make_shared<const onnx_session>(file_, options_);
  return session_;
}

} // namespace troupe
