#include "troupe/models/registry.hpp"

#ifdef TROUPE_HAS_LLAMA
#include "troupe/models/llama/llama_model.hpp"
#endif

namespace troupe {

void add_llama_model(model_registry& registry) {
#ifdef TROUPE_HAS_LLAMA
  registry.add("llama", make_llama_definition);
#else
  registry.add(
    "llama", [](model_options, const model_config&) -> model_definition {
      throw model_config_error("type", "this build has no llama.cpp: run `make "
                                       "llama`, then build again");
    });
#endif
}

} // namespace troupe
