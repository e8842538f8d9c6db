#include "troupe/cli/config/cluster_keys.hpp"

#include "troupe/cli/config/pointer.hpp"
#include "troupe/models/registry.hpp"

#include <array>
#include <filesystem>
#include <system_error>

namespace troupe {

namespace {

void report_key(const config_source& source, config_diagnostics& errors,
                const std::string& pointer, const std::string& why) {
  if (source.find(pointer) != nullptr)
    errors.key(pointer, why);
}

/// Certificates are read by the first connection, when nobody looks any more.
void require_files(const cluster_tls_options& x, config_diagnostics& errors) {
  for (const auto& [key, file] :
       {std::pair{"certificate", &x.certificate}, std::pair{"key", &x.key},
        std::pair{"client_ca", &x.client_ca}}) {
    std::error_code ec;
    if (!file->empty() && !std::filesystem::is_regular_file(*file, ec))
      errors.value(std::string{"/cluster/tls/"} + key,
                   "there is no file " + *file);
  }
}

} // namespace

void find_tls_files(cluster_tls_options& x,
                    const std::filesystem::path& directory) {
  for (auto* file : {&x.certificate, &x.key, &x.client_ca})
    if (!file->empty())
      *file = directory / *file;
}

void report_cluster_keys(const config_source& source, const config_draft& draft,
                         config_diagnostics& errors) {
  const auto& cluster = draft.server.options.cluster;
  require_files(cluster.tls, errors);
  if (cluster.join.empty())
    for (const auto* key : {"name", "labels"})
      report_key(
        source, errors, child("/cluster", key),
        "has no effect on a server that is not a node; run it by troupe "
        "node CONFIG --join HOST:PORT, or take this out");
  if (cluster.listen.empty())
    report_key(source, errors, "/cluster/trusted_network",
               "has no effect without \"listen\"; set that, or take this out");
  if (!cluster.enabled())
    for (const auto* key : {"secret_env", "heartbeat_ms", "tls"})
      report_key(source, errors, child("/cluster", key),
                 "has no effect without \"listen\" or \"join\"; set one of "
                 "them, or take this out");
  for (std::size_t i = 0; i < draft.models.size(); ++i) {
    const auto& x = draft.models[i];
    const auto is_node = x.config.type == node_type;
    if (!cluster.listen.empty() || (!is_node && !x.options.nodes.enabled))
      continue;
    const auto here = child("/models", i);
    errors.value(is_node ? child(here, "type") : child(here, "nodes"),
                 "no node can join this server, expected \"cluster\": "
                 "{\"listen\": \"127.0.0.1:7400\"}, say");
  }
}

void read_node_entry(const config_source& source, config_draft::model_entry& x,
                     const std::string& entry, config_diagnostics& errors) {
  if (x.config.type != node_type)
    return;
  x.options.workers = 0;
  x.options.nodes.enabled = true;
  constexpr std::array keys{"workers",
                            "execution",
                            "path",
                            "class",
                            "python",
                            "device",
                            "options",
                            "batch",
                            "restart",
                            "hang",
                            "process",
                            "pure",
                            "health_interval_ms",
                            "keep_alive_ms",
                            "load"};
  for (const auto* key : keys)
    report_key(source, errors, child(entry, key),
               "is for the configs of the nodes: no worker of this model is "
               "here; take this out");
  if (const auto* said = source.find(child(child(entry, "nodes"), "enabled"));
      said != nullptr && *said == false)
    errors.value(child(child(entry, "nodes"), "enabled"),
                 "a model of the type node is on nodes only, expected true");
}

} // namespace troupe
