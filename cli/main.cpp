#include "troupe/cli/early_signals.hpp"
#include "troupe/cli/program.hpp"
#include "troupe/cli/specs/add_mcp_spec.hpp"
#include "troupe/cli/specs/add_openai_spec.hpp"
#include "troupe/cli/standard_streams.hpp"

#include <iostream>

int main(int argc, char** argv) {
  // Before there is any other thread.
  troupe::early_signals signals;
  troupe::open_standard_streams();
  troupe::program_parts parts;
  parts.signals = &signals;
  troupe::add_builtin_models(parts.models);
  troupe::add_onnx_model(parts.models);
  troupe::add_llama_model(parts.models);
  troupe::add_python_model(parts.models);
  troupe::add_mcp_spec(parts.specs);
  troupe::add_openai_spec(parts.specs);
  return troupe::run_program(argc, argv, parts, std::cout, std::cerr);
}
