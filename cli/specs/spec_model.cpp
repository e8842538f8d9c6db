#include "troupe/cli/specs/spec_model.hpp"

#include "troupe/models/registry.hpp"
#include "troupe/specs/input/nearest.hpp"

#include <algorithm>
#include <vector>

namespace troupe {

namespace {

std::string quoted(access x) {
  return '"' + std::string{to_string(x)} + '"';
}

} // namespace

access read_access(const std::string& text) {
  for (auto x : {access::open, access::key, access::admin})
    if (text == to_string(x))
      return x;
  throw model_config_error("options.access",
                           "expected \"public\", \"key\" or \"admin\"");
}

void require_valid(const std::string& why) {
  if (why.empty())
    return;
  auto colon = why.find(": ");
  throw model_config_error("options." + why.substr(0, colon),
                           why.substr(colon + 2));
}

void require_model(const std::string& where, const std::string& name,
                   access ours, const spec_config& config) {
  std::vector<std::string> names;
  for (const auto& x : config.models)
    names.push_back(x.name);
  auto i = std::find(names.begin(), names.end(), name);
  if (i == names.end())
    throw model_config_error(where, unknown_name("model", name, names));
  auto theirs =
    config.models[static_cast<std::size_t>(i - names.begin())].access;
  if (theirs > ours)
    throw model_config_error(where, "the model's access is " + quoted(theirs)
                                      + ", that of this spec is " + quoted(ours)
                                      + "; set options.access to "
                                      + quoted(theirs));
}

} // namespace troupe
