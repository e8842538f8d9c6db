#include "troupe/models/registry.hpp"

#ifdef TROUPE_HAS_ONNX
#include "troupe/models/onnx/onnx_model.hpp"
#endif

namespace troupe {

void add_onnx_model(model_registry& registry) {
#ifdef TROUPE_HAS_ONNX
  registry.add("onnx", make_onnx_definition);
#else
  registry.add(
    "onnx", [](model_options, const model_config&) -> model_definition {
      throw model_config_error("type",
                               "this build has no ONNX Runtime: run `make "
                               "onnxruntime`, then build again");
    });
#endif
}

} // namespace troupe
