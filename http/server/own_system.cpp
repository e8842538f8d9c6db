#include "troupe/http/server/own_system.hpp"

#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/actors/runtime/thread_check.hpp"
#include "troupe/http/cluster/cluster_link.hpp"

namespace troupe {

own_system::own_system(
  const std::vector<std::pair<std::string, std::string>>& caf_options,
  const cluster_options& cluster) {
  prepare(config_);
  if (cluster.enabled())
    prepare_cluster(config_, files_of(cluster.tls), cluster.heartbeat);
  for (const auto& [key, value] : caf_options)
    if (auto parsed = caf::config_value::parse(value))
      config_.set(caf::string_view{key.data(), key.size()}, std::move(*parsed));
  // The scheduler's, its clock, and one that waits for detached actors.
  expect_threads(caf::get_or(config_, "scheduler.max-threads", std::size_t{2})
                 + 2);
  system_.emplace(config_);
}

} // namespace troupe
