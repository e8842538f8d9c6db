#include "troupe/cli/sections/option_table.hpp"

#include "troupe/cli/options/option_field.hpp"
#include "troupe/cli/sections/cluster_section.hpp"
#include "troupe/cli/sections/entry_sections.hpp"
#include "troupe/cli/sections/server_section.hpp"

namespace troupe {

namespace {

option routes_section() {
  using namespace fields;
  return section(
    "routes", "How clashes between endpoints are settled.",
    {choice<conflict_policy>(
      "on_conflict",
      [](auto& d) -> auto& { return d.server.options.on_conflict; },
      {{"error", conflict_policy::error},
       {"keep-first", conflict_policy::keep_first}},
      "For entries that do not say it themselves: refuse to start, or keep "
      "the endpoint registered first.")});
}

option schema_key() {
  option result;
  result.key = "$schema";
  result.kind = option_kind::string;
  result.doc = "The JSON Schema of this file, for editors; ignored.";
  return result;
}

option plugins_option() {
  return fields::field(
    "plugins", [](auto& d) -> auto& { return d.plugins; },
    "Shared libraries with model types of your own, relative to the config "
    "file; see docs/plugins.md.");
}

} // namespace

const option& option_table() {
  static const auto table = fields::section(
    {}, "The config of a Troupe server.",
    {schema_key(), server_section(), plugins_option(), model_entries(),
     spec_entries(), routes_section(), cluster_section(),
     fields::free_object(
       "caf", [](auto& d) -> auto& { return d.caf; },
       "Options of the C++ Actor Framework, by CAF's own "
       "names; what CAF does not know is refused.")});
  return table;
}

} // namespace troupe
