#include "troupe/models/onnx/onnx_session.hpp"

#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>

#include <cstring>
#include <optional>

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
                       + ", built for API " + std::to_string(ORT_API_VERSION),
                     false);
}

struct type_pair {
  element_type ours;
  ONNXTensorElementDataType theirs;
};

constexpr type_pair types[] = {
  {element_type::float32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT},
  {element_type::float64, ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE},
  {element_type::int8, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8},
  {element_type::int16, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16},
  {element_type::int32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32},
  {element_type::int64, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64},
  {element_type::uint8, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8},
  {element_type::uint16, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16},
  {element_type::uint32, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32},
  {element_type::uint64, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64},
  {element_type::boolean, ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL},
};

std::optional<element_type> to_ours(ONNXTensorElementDataType x) {
  for (const auto& t : types)
    if (t.theirs == x)
      return t.ours;
  return std::nullopt;
}

ONNXTensorElementDataType to_theirs(element_type x) {
  for (const auto& t : types)
    if (t.ours == x)
      return t.theirs;
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

/// @returns nothing when no tensor can hold it.
std::optional<tensor_spec> describe(std::string name,
                                    const Ort::TypeInfo& type) {
  if (type.GetONNXType() != ONNX_TYPE_TENSOR)
    return std::nullopt;
  auto info = type.GetTensorTypeAndShapeInfo();
  auto element = to_ours(info.GetElementType());
  if (!element)
    return std::nullopt;
  tensor_spec result{std::move(name), *element, info.GetShape(), {}};
  std::vector<const char*> axes(result.shape.size(), "");
  info.GetSymbolicDimensions(axes.data(), axes.size());
  result.axes.assign(axes.begin(), axes.end());
  return result;
}

tensor copy_out(const Ort::Value& value, const tensor_spec& spec) {
  auto info = value.GetTensorTypeAndShapeInfo();
  if (info.GetElementType() != to_theirs(spec.type))
    throw onnx_error("the output \"" + spec.name
                       + "\" is of another type than"
                         " the model says",
                     false);
  tensor result{spec.name, spec.type, info.GetShape(), {}};
  result.bytes.resize(info.GetElementCount() * size_of(spec.type));
  if (!result.bytes.empty())
    std::memcpy(result.bytes.data(), value.GetTensorRawData(),
                result.bytes.size());
  return result;
}

/// Runs `f` with the runtime's exceptions turned into ours.
template <class F>
decltype(auto) guarded(const std::string& doing, F&& f) {
  try {
    return f();
  } catch (const Ort::Exception& e) {
    throw onnx_error(doing + ": " + e.what(),
                     e.GetOrtErrorCode() == ORT_INVALID_ARGUMENT);
  }
}

} // namespace

struct onnx_session::impl {
  impl(const std::filesystem::path& file, int intra_op_threads)
    : session(env, file.c_str(), make_options(intra_op_threads)) {
    inspect_inputs();
    inspect_outputs();
  }

  static Ort::SessionOptions make_options(int intra_op_threads) {
    Ort::SessionOptions result;
    result.SetIntraOpNumThreads(intra_op_threads);
    result.SetInterOpNumThreads(1);
    result.SetLogSeverityLevel(ORT_LOGGING_LEVEL_ERROR);
    // Helpers that spin for work would take the cores of the other workers.
    result.AddConfigEntry("session.intra_op.allow_spinning", "0");
    return result;
  }

  void inspect_inputs() {
    for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
      std::string name{session.GetInputNameAllocated(i, allocator).get()};
      auto spec = describe(name, session.GetInputTypeInfo(i));
      if (!spec)
        throw onnx_error("the input \"" + name
                           + "\" is of a type that is not supported",
                         false);
      inputs.push_back(std::move(*spec));
    }
    for (const auto& x : inputs)
      input_names.push_back(x.name.c_str());
  }

  void inspect_outputs() {
    for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
      std::string name{session.GetOutputNameAllocated(i, allocator).get()};
      if (auto spec = describe(name, session.GetOutputTypeInfo(i)))
        outputs.push_back(std::move(*spec));
      else
        left_out.push_back(std::move(name));
    }
    if (outputs.empty())
      throw onnx_error("no output is of a type that is supported", false);
    for (const auto& x : outputs)
      output_names.push_back(x.name.c_str());
  }

  Ort::Env env{ORT_LOGGING_LEVEL_ERROR, "troupe"};
  Ort::AllocatorWithDefaultOptions allocator;
  Ort::MemoryInfo memory =
    Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeCPU);
  Ort::Session session;
  std::vector<tensor_spec> inputs;
  std::vector<tensor_spec> outputs;
  std::vector<std::string> left_out;
  // Point into the specs.
  std::vector<const char*> input_names;
  std::vector<const char*> output_names;
};

onnx_session::onnx_session(const std::filesystem::path& file,
                           int intra_op_threads) {
  require_api();
  impl_ = guarded("cannot load " + file.string(), [&] {
    return std::make_unique<impl>(file, intra_op_threads);
  });
}

onnx_session::~onnx_session() = default;

const std::vector<tensor_spec>& onnx_session::inputs() const noexcept {
  return impl_->inputs;
}

const std::vector<tensor_spec>& onnx_session::outputs() const noexcept {
  return impl_->outputs;
}

const std::vector<std::string>& onnx_session::left_out() const noexcept {
  return impl_->left_out;
}

std::vector<tensor> onnx_session::run(std::vector<tensor> inputs) const {
  return guarded("the run failed", [&] {
    std::vector<Ort::Value> values;
    values.reserve(inputs.size());
    for (auto& x : inputs) {
      auto size = x.bytes.size();
      // The runtime wants an address even for no elements.
      x.bytes.reserve(1);
      values.push_back(Ort::Value::CreateTensor(
        impl_->memory, x.bytes.data(), size, x.shape.data(), x.shape.size(),
        to_theirs(x.type)));
    }
    Ort::RunOptions options;
    // Errors come as exceptions; bad requests shall not fill the console.
    options.SetRunLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
    const auto& names = impl_->output_names;
    auto results =
      impl_->session.Run(options, impl_->input_names.data(), values.data(),
                         values.size(), names.data(), names.size());
    std::vector<tensor> outputs;
    outputs.reserve(results.size());
    for (std::size_t i = 0; i < results.size(); ++i)
      outputs.push_back(copy_out(results[i], impl_->outputs[i]));
    return outputs;
  });
}

std::shared_ptr<const onnx_session> onnx_session_source::get() {
  std::lock_guard guard{mutex_};
  if (session_ == nullptr)
    session_ = std::make_shared<const onnx_session>(file_, intra_op_threads_);
  return session_;
}

} // namespace troupe
