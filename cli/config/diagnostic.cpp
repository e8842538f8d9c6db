#include "troupe/cli/config/diagnostic.hpp"

#include "troupe/cli/config/pointer.hpp"

#include <algorithm>

namespace troupe {

namespace {

std::string render(const std::string& file,
                   const std::vector<diagnostic>& diagnostics) {
  std::string result;
  for (const auto& x : diagnostics)
    result += to_string(x) + '\n';
  result += file + ": " + std::to_string(diagnostics.size());
  result += diagnostics.size() == 1 ? " error" : " errors";
  return result;
}

} // namespace

std::string to_string(const diagnostic& x) {
  auto result = x.origin.where + ": error: ";
  if (auto path = dotted(x.pointer); !path.empty())
    result += path + ": ";
  return result + x.message;
}

config_error::config_error(const std::string& file,
                           std::vector<diagnostic> diagnostics)
  : std::runtime_error(render(file, diagnostics)),
    diagnostics_(std::move(diagnostics)) {
  // nop
}

} // namespace troupe
