#include "troupe/cli/config/keys/environment_keys.hpp"

#include "troupe/cli/config/keys/admin_access.hpp"
#include "troupe/http/key_text.hpp"
#include "troupe/specs/json/json.hpp"

#include <cstdlib>
#include <string>

namespace troupe {

namespace {

constexpr const char* admin_env = "/server/admin/api_key_env";
constexpr const char* shutdown_env = "/server/shutdown/api_key_env";

class key_resolver {
public:
  key_resolver(const config_source& source, config_diagnostics& errors)
    : source_(&source), errors_(&errors) {
    // nop
  }

  void resolve(config_draft& draft) {
    resolve_api_key(draft.server);
    resolve_secret(draft.server);
    if (needs_admin_key(draft))
      resolve_admin_key(draft);
  }

private:
  /// The value of a variable that holds a key; "" after an error.
  std::string environment(const std::string& pointer,
                          const std::string& variable, const char* way_out) {
    const auto* value = std::getenv(variable.c_str());
    std::string fault = "is not set";
    if (value)
      fault = *value ? key_fault(value) : "is empty";
    if (fault.empty())
      return value;
    errors_->value(pointer, "the environment variable " + dump_json(variable)
                              + ' ' + fault + way_out);
    return {};
  }

  void resolve_api_key(config_draft::server_entry& x) {
    // A variable that the config names has to be there.
    if (std::getenv(x.api_key_env.c_str())
        || x.api_key_env != config_draft::default_api_key_env)
      x.options.api_key =
        environment("/server/api_key_env", x.api_key_env,
                    source_->find("/server/api_key_env")
                      ? "; set it to the key, or remove this line and unset it "
                        "to ask for no key"
                      : "; set it to the key, or unset it to ask for no key");
  }

  void resolve_secret(config_draft::server_entry& x) {
    if (std::getenv(x.cluster_secret_env.c_str())
        || x.cluster_secret_env != config_draft::default_cluster_secret_env)
      x.options.cluster.secret = environment(
        "/cluster/secret_env", x.cluster_secret_env,
        "; set it to the secret that the front and its nodes share");
  }

  /// Whether a variable was asked for, or is there.
  [[nodiscard]] bool given(const char* pointer,
                           const std::string& variable) const {
    return source_->find(pointer) || std::getenv(variable.c_str());
  }

  void resolve_admin_key(config_draft& draft) {
    auto& x = draft.server;
    auto& admin = x.options.admin.key;
    auto& shutdown = x.options.shutdown.endpoint_key;
    const auto by_admin = given(admin_env, x.admin_key_env);
    const auto by_shutdown = given(shutdown_env, x.shutdown_key_env);
    if (by_admin)
      admin = environment(admin_env, x.admin_key_env,
                          "; set it to the admin key, or name another one");
    if (by_shutdown)
      shutdown =
        environment(shutdown_env, x.shutdown_key_env,
                    "; set it to the key of POST /shutdown, or switch that off "
                    "with server.shutdown.enabled");
    if (!by_admin && !by_shutdown)
      report_missing(draft);
    if (!admin.empty() && !shutdown.empty() && admin != shutdown)
      errors_->value(source_->find(admin_env) ? admin_env : shutdown_env,
                     "the environment variables " + dump_json(x.admin_key_env)
                       + " and " + dump_json(x.shutdown_key_env)
                       + " hold different keys, and a server has one admin "
                         "key; unset one of them, or set both to the same");
  }

  /// Each place that needs the key says which variable has it.
  void report_missing(const config_draft& draft) {
    const auto& x = draft.server;
    if (x.options.admin.enabled)
      environment(admin_env, x.admin_key_env,
                  "; set it to the admin key, or switch the admin endpoints "
                  "off with server.admin.enabled");
    if (x.options.shutdown.endpoint_enabled)
      environment(shutdown_env, x.shutdown_key_env,
                  "; set it to the key of POST /shutdown, or switch that off "
                  "with server.shutdown.enabled");
    if (x.options.admin.enabled || x.options.shutdown.endpoint_enabled)
      return;
    for (const auto& entry : admin_entries(draft))
      environment(entry, x.admin_key_env,
                  "; \"admin\" needs it: set it to the key of these callers "
                  "(server.admin.api_key_env names another variable), or use "
                  "\"key\"");
  }

  const config_source* source_;
  config_diagnostics* errors_;
};

} // namespace

void resolve_keys(const config_source& source, config_draft& draft,
                  config_diagnostics& errors) {
  key_resolver{source, errors}.resolve(draft);
}

} // namespace troupe
