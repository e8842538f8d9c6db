#include "troupe/http/server/server_info.hpp"

#include "troupe/http/admin/worker_changes.hpp"

#include <algorithm>

namespace troupe {

using nlohmann::json;

namespace {

json workers_of(const model_definition& x) {
  return x.pipeline ? json(0) : show_workers(x.options.workers.range());
}

} // namespace

std::string server_version() {
  return TROUPE_VERSION;
}

json server_info(const server_options& options,
                 const std::vector<model_definition>& models) {
  auto devices = json::array();
  auto stream = json::object();
  auto list = json::array();
  json workers = 0;
  auto per_path = json::object();
  for (const auto& m : models) {
    const auto& o = m.options;
    if (std::find(devices.begin(), devices.end(), o.device) == devices.end())
      devices.push_back(o.device);
    if (o.predict) {
      stream[*o.predict] = m.streaming;
      per_path[*o.predict] = workers_of(m);
    }
    json item{
      {"name", o.name},
      {"predict", o.predict ? json(*o.predict) : json(false)},
      {"workers", workers_of(m)},
      {"execution", std::string{to_string(o.execution)}},
      {"stream", m.streaming},
      {"max_batch_size", o.batch.max_size},
      {"batch_timeout", static_cast<double>(o.batch.max_delay.count()) / 1e6},
      {"max_queue_size", o.queue.max_size}};
    if (!m.metadata.is_null())
      item["metadata"] = m.metadata;
    list.push_back(std::move(item));
  }
  // One number when there is one to tell, as LitServe shows it.
  if (models.size() == 1)
    workers = workers_of(models.front());
  else
    workers = per_path;
  json server{{"devices", std::move(devices)},
              {"workers_per_device", std::move(workers)},
              {"timeout", static_cast<double>(options.timeout.count()) / 1e3},
              {"stream", std::move(stream)},
              {"max_payload_size", options.limits.max_body_bytes},
              {"track_requests", true}};
  return {{"model", options.model_metadata},
          {"server", std::move(server)},
          {"models", std::move(list)},
          {"version", server_version()}};
}

} // namespace troupe
