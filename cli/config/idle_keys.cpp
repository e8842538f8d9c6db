#include "troupe/cli/config/idle_keys.hpp"

#include "troupe/cli/config/keys/admin_access.hpp"
#include "troupe/cli/config/pointer.hpp"

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
    } else if (x.restart.hang.policy == hang_policy::report) {
      idle(child(hang, "max_replaced"),
           "when \"policy\" is \"report\"; take this out");
    }
  }

  const config_source* source_;
  config_diagnostics* errors_;
};

} // namespace

void report_idle_keys(const config_source& source, const config_draft& draft,
                      config_diagnostics& errors) {
  idle_keys{source, errors}.report(draft);
}

} // namespace troupe
