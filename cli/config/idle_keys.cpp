#include "troupe/cli/config/idle_keys.hpp"

#include "troupe/cli/config/keys/admin_access.hpp"
#include "troupe/cli/config/pointer.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/pipeline/pipeline_checks.hpp"

#include <initializer_list>
#include <string>

namespace troupe {

namespace {

class idle_keys {
public:
  idle_keys(const config_source& source, config_diagnostics& errors)
    : source_(&source), errors_(&errors) {
    // nop
  }

  void report(const config_draft& draft) {
    needs("/server/cors", "allow_origins",
          {"allow_methods", "allow_headers", "expose_headers",
           "allow_credentials", "max_age_s"});
    needs("/server/rate_limit", "per_second",
          {"burst", "key_header", "max_clients"});
    report_shutdown(draft);
    if (!draft.server.options.builtins[builtin::info])
      idle("/server/metadata", "while server.builtins.info is false, which "
                               "would show it; take one of them out");
    for (std::size_t i = 0; i < draft.models.size(); ++i)
      report(draft.models[i].options, child("/models", i));
  }

private:
  [[nodiscard]] bool has(const std::string& pointer) const {
    return source_->find(pointer) != nullptr;
  }

  /// Reports a key that is there, and whose value is right.
  void idle(const std::string& pointer, const std::string& why) {
    if (has(pointer) && !errors_->any_within(pointer))
      errors_->key(pointer, "has no effect " + why);
  }

  /// Keys of a section that are about what one of its keys asks for.
  void needs(const std::string& section, const char* switch_key,
             std::initializer_list<const char*> keys) {
    if (has(child(section, switch_key)))
      return;
    for (const auto* key : keys)
      idle(child(section, key), "without \"" + std::string{switch_key}
                                  + "\"; set that, or take this out");
  }

  void report_shutdown(const config_draft& draft) {
    const std::string section{"/server/shutdown"};
    const std::string path{"/server/builtins/shutdown"};
    const auto& served = draft.server.options.builtins[builtin::shutdown];
    if (draft.server.options.shutdown.endpoint_enabled && !served)
      errors_->key(child(section, "enabled"),
                   "has no effect while server.builtins.shutdown is false; "
                   "take one of them out");
    const auto said = has(child(section, "enabled"));
    if (!said && served)
      idle(path, "without \"server.shutdown.enabled\"; set that, or take "
                 "this out");
    if (needs_admin_key(draft))
      return;
    if (!said)
      idle(child(section, "api_key_env"),
           "without \"enabled\" and without an access \"admin\"; set one of "
           "them, or take this out");
    if (!has("/server/admin/enabled"))
      idle("/server/admin/api_key_env",
           "without \"enabled\" and without an access \"admin\"; set one of "
           "them, or take this out");
  }

  void report(const model_options& x, const std::string& entry) {
    if (!x.predict)
      idle(child(entry, "max_body_bytes"),
           "without a predict endpoint; take this out");
    auto hang = child(entry, "hang");
    if (x.execution == execution_mode::inlined) {
      for (const auto* key : {"policy", "max_replaced"})
        if (x.restart.hang.policy == hang_policy::replace)
          idle(child(hang, key), "on an inline model, whose workers have no "
                                 "threads that could be replaced; take this "
                                 "out, or set execution to \"dedicated\"");
    } else if (x.execution == execution_mode::process
               && x.restart.hang.policy == hang_policy::report) {
      idle(child(hang, "policy"),
           "on a model with execution \"process\": a process that hangs is "
           "ended, and another one takes its place; take this out");
    } else if (x.restart.hang.policy == hang_policy::report) {
      idle(child(hang, "max_replaced"),
           "when \"policy\" is \"report\"; take this out");
    }
  }

  const config_source* source_;
  config_diagnostics* errors_;
};

void check_cache_of(const std::string& entry, const asked_model& asked,
                    const model_definition& made, config_diagnostics& errors) {
  if (auto why = made.cache.validate(); !why.empty()) {
    auto colon = why.find(": ");
    auto key = why.substr(0, colon);
    errors.value(child(child(entry, "cache"), key.substr(key.find('.') + 1)),
                 why.substr(colon + 2));
  }
  if (made.cache.enabled() && made.streaming && !made.whole_answers)
    errors.key(child(entry, "cache"),
               "the model type " + dump_json(asked.type)
                 + " yields a stream, which is not kept; take this out");
}

/// The entry of the model with this name.
std::string entry_of(const config_source& source, const std::string& name) {
  const auto* models = source.find("/models");
  for (std::size_t i = 0; models != nullptr && i < models->size(); ++i) {
    const auto& x = (*models)[i];
    if (x.is_object() && x.value("name", nlohmann::json{}) == name)
      return child("/models", i);
  }
  return "/models";
}

} // namespace

void report_idle_keys(const config_source& source, const config_draft& draft,
                      config_diagnostics& errors) {
  idle_keys{source, errors}.report(draft);
}

void check_made_model(const std::string& entry, const asked_model& asked,
                      const model_definition& made,
                      config_diagnostics& errors) {
  const auto type = "the model type " + dump_json(asked.type);
  if (asked.batch_size > 1 && !made.batched)
    errors.value(child(child(entry, "batch"), "max_size"),
                 type + " takes one request at a time, expected 1, got "
                   + std::to_string(asked.batch_size));
  if (asked.inlined && made.continuous)
    errors.value(child(entry, "execution"),
                 type
                   + " takes its thread for itself while requests are live, "
                     "expected \"dedicated\", got \"inline\"");
  else if (asked.inlined && made.streaming)
    errors.value(child(entry, "execution"),
                 type
                   + " yields a stream and waits for its reader, expected "
                     "\"dedicated\", got \"inline\"");
  check_cache_of(entry, asked, made, errors);
}

void report_pipeline_keys(const config_source& source,
                          const config_draft& draft,
                          config_diagnostics& errors) {
  for (std::size_t i = 0; i < draft.models.size(); ++i) {
    if (draft.models[i].config.type != pipeline_type)
      continue;
    const auto entry = child("/models", i);
    for (const auto* key :
         {"workers", "batch", "restart", "supervision", "hang", "process",
          "nodes", "idempotent", "pure", "device", "health_interval_ms",
          "keep_alive_ms", "load"})
      if (auto here = child(entry, key);
          source.find(here) != nullptr && !errors.any_within(here))
        errors.key(here, "is for workers, and a pipeline has none: set it for "
                         "the models that it asks, or take it out");
    for (const auto* key :
         {"fair_by", "fair_header", "weights", "max_per_client", "priority"})
      if (auto here = child(child(entry, "queue"), key);
          source.find(here) != nullptr && !errors.any_within(here))
        errors.key(here, "is for requests that wait for a worker, and a "
                         "pipeline has none: set it for the models that it "
                         "asks, or take it out");
    if (draft.models[i].options.execution == execution_mode::process)
      errors.value(child(entry, "execution"),
                   "a pipeline runs in no process of its own; its models may: "
                   "expected \"dedicated\" or \"inline\", got \"process\"");
  }
}

void report_pipeline_faults(const config_source& source,
                            const std::vector<model_definition>& models,
                            config_diagnostics& errors) {
  if (errors.any_within("/models"))
    return;
  std::vector<const model_definition*> all;
  all.reserve(models.size());
  for (const auto& x : models)
    all.push_back(&x);
  for (const auto& fault : check_pipelines(all)) {
    auto where = child(entry_of(source, fault.model), "options");
    if (!fault.where.empty())
      for (const auto& step : split_dotted(fault.where))
        where = child(where, step);
    errors.value(where, fault.what);
  }
}

} // namespace troupe
