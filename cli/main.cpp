#include "troupe/cli/early_signals.hpp"
#include "troupe/cli/program.hpp"
#include "troupe/cli/specs/add_forward_spec.hpp"
#include "troupe/cli/specs/add_mcp_spec.hpp"
#include "troupe/cli/specs/add_openai_spec.hpp"
#include "troupe/cli/standard_streams.hpp"

#include <iostream>

#ifdef __GLIBC__
#include <malloc.h>
#endif

int main(int argc, char** argv) {
  // Before there is any other thread.
  troupe::early_signals signals;
  troupe::open_standard_streams();
#ifdef __GLIBC__
  // What is large, such as a body, goes back to the system when it is freed;
  // otherwise the threshold grows with what was freed before.
  constexpr int large = 1024 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, large);
#endif
  troupe::program_parts parts;
  parts.signals = &signals;
  troupe::add_builtin_models(parts.models);
  troupe::add_onnx_model(parts.models);
  troupe::add_llama_model(parts.models);
  troupe::add_python_model(parts.models);
  troupe::add_node_model(parts.models);
  troupe::add_pipeline_model(parts.models);
  troupe::add_forward_spec(parts.specs);
  troupe::add_mcp_spec(parts.specs);
  troupe::add_openai_spec(parts.specs);
  return troupe::run_program(argc, argv, parts, std::cout, std::cerr);
}
