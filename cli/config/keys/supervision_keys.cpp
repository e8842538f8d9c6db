#include "troupe/cli/config/keys/supervision_keys.hpp"

#include "troupe/cli/config/pointer.hpp"
#include "troupe/specs/json/json.hpp"

#include <map>

namespace troupe {

void report_supervision_keys(const config_source& source,
                             const config_draft& draft,
                             config_diagnostics& errors) {
  std::map<std::string, const model_options*> groups;
  for (std::size_t i = 0; i < draft.models.size(); ++i) {
    const auto& x = draft.models[i].options;
    const auto here = child("/models", i);
    if (!draft.server.options.cluster.join.empty()
        && x.workers.range().max > x.workers.min)
      errors.value(
        child(here, "workers"),
        "the front gives a node no more than its workers take at once, so that "
        "no request would ever wait for another worker, expected an integer");
    const auto& group = x.restart.supervision.group;
    if (group.empty())
      continue;
    const auto* first = groups.emplace(group, &x).first->second;
    if (first->restart.supervision.strategy == x.restart.supervision.strategy)
      continue;
    auto where = child(child(here, "supervision"), "strategy");
    if (source.find(where) == nullptr)
      where = child(here, "supervision");
    errors.value(where, "the models of a group have one strategy, expected "
                          + dump_json(std::string{
                            to_string(first->restart.supervision.strategy)})
                          + " as for the model " + dump_json(first->name));
  }
}

void report_health_keys(const config_source& source,
                        const model_definition& definition,
                        const std::string& type, const std::string& entry,
                        config_diagnostics& errors) {
  if (definition.has_health)
    return;
  for (const auto& key : {child(entry, "health_interval_ms"),
                          child(child(entry, "restart"), "unhealthy_after_ms")})
    if (source.find(key) != nullptr)
      errors.key(key, "has no effect: the model type " + dump_json(type)
                        + " has no health hook; take this out");
}

} // namespace troupe
