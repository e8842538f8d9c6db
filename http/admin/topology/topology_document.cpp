#include "troupe/http/admin/topology/topology_document.hpp"

#include "troupe/http/admin/topology/actor_list.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

json methods_of(const endpoint& x) {
  auto result = json::array();
  const auto text = to_string(x.methods);
  for (std::size_t begin = 0; begin < text.size();) {
    auto end = std::min(text.find_first_of(", ", begin), text.size());
    if (end > begin)
      result.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return result;
}

json entry_document(const table_entry& x) {
  return {{"methods", methods_of(x.endpoint)},
          {"path", x.pattern.text},
          {"kind", to_string(x.kind)},
          {"owner", x.owner},
          {"access", to_string(x.endpoint.access)},
          {"origin", x.origin.where}};
}

json server_document(const topology_facts& x) {
  const auto& traffic = x.board->traffic;
  auto why = x.board->explain();
  const auto ready = why == "ready";
  json result{{"phase", to_string(x.board->phase())},
              {"ready", ready},
              {"uptime_ms", x.uptime.count()},
              {"table_version", x.table != nullptr ? x.table->version : 0},
              {"active", traffic.active.load()},
              {"finished", traffic.finished.load()},
              {"refused", traffic.refused.load()},
              {"cancelled", traffic.cancelled.load()}};
  if (!ready)
    result["reason"] = std::move(why);
  return result;
}

json paths_document(const server_options& options) {
  auto path = [&](builtin x) {
    const auto& at = options.builtins[x];
    return at ? json(*at) : json(nullptr);
  };
  return {{"metrics", path(builtin::metrics)},
          {"shutdown", options.shutdown.endpoint_enabled
                         ? path(builtin::shutdown)
                         : json(nullptr)}};
}

/// What waits and runs, as the queues say; null when one does not answer.
void add_work(json& to, const std::vector<queue_actor>& queues,
              const actor_census& census) {
  std::uint64_t queued = 0;
  std::uint64_t running = 0;
  for (const auto& queue : queues) {
    auto i = census.queues.find(queue.id());
    if (i == census.queues.end()) {
      to["queued"] = nullptr;
      to["running"] = nullptr;
      return;
    }
    queued += i->second.queued;
    running += i->second.running;
  }
  to["queued"] = queued;
  to["running"] = running;
}

json errors_document(const model_state& x) {
  auto result = json::array();
  const auto now = recent_errors::clock::now();
  for (auto& e : x.errors().list())
    result.push_back(
      {{"number", e.number},
       {"age_ms",
        std::chrono::duration_cast<std::chrono::milliseconds>(now - e.at)
          .count()},
       {"text", std::move(e.text)}});
  return result;
}

void add_options(json& to, const model_options& x) {
  to["predict"] = x.predict ? json(*x.predict) : json(nullptr);
  to["execution"] = to_string(x.execution);
  to["max_queue_size"] = x.queue.max_size;
  to["batch"] = {
    {"max_size", x.batch.max_size},
    {"max_delay_ms",
     std::chrono::duration<double, std::milli>(x.batch.max_delay).count()}};
}

json model_document(const topology_facts& x, const model_state& m) {
  const auto is_model = m.kind() == served_kind::model;
  json result{{"name", m.name()},
              {"kind", is_model ? "model" : "handlers"},
              {"phase", to_string(m.phase())},
              {"healthy", m.healthy()},
              {"required", m.required()},
              {"workers",
               {{"wanted", m.workers()},
                {"ready", m.ready_workers()},
                {"stuck", m.stuck_workers()}}},
              {"restarts", m.restarts()},
              {"pending", m.pending()},
              {"errors", errors_document(m)}};
  if (auto why = m.detail(); !why.empty())
    result["reason"] = std::move(why);
  if (is_model)
    for (const auto& definition : x.models)
      if (definition.options.name == m.name())
        add_options(result, definition.options);
  std::vector<queue_actor> queues;
  if (x.table != nullptr)
    for (const auto& target : x.table->targets)
      if (target.state.get() == &m)
        queues = is_model ? target.pool.all() : target.spec.all();
  add_work(result, queues, x.census);
  return result;
}

} // namespace

void add_endpoints(json& document, const endpoint_table& table) {
  auto endpoints = json::array();
  for (const auto& x : table.entries())
    endpoints.push_back(entry_document(x));
  auto shadows = json::array();
  for (const auto& x : table.shadows())
    shadows.push_back({{"over", x.over}, {"under", x.under}});
  auto dropped = json::array();
  for (const auto& x : table.dropped()) {
    auto item = entry_document(x.entry);
    item["by"] = x.by_owner;
    item["by_origin"] = x.by_where;
    dropped.push_back(std::move(item));
  }
  document["endpoints"] = std::move(endpoints);
  document["shadowing"] = std::move(shadows);
  document["dropped"] = std::move(dropped);
}

json topology_document(const topology_facts& x) {
  json result{{"version", TROUPE_VERSION},
              {"server", server_document(x)},
              {"paths", paths_document(*x.options)},
              {"nodes", list_nodes(x.census)}};
  result["actors"] = x.actors != nullptr
                       ? list_actors(*x.actors, x.census, x.table, x.uptime)
                       : json::array();
  auto models = json::array();
  for (const auto& m : x.board->models())
    models.push_back(model_document(x, *m));
  result["models"] = std::move(models);
  if (x.table != nullptr)
    add_endpoints(result, x.table->table);
  else
    add_endpoints(result, endpoint_table{});
  return result;
}

} // namespace troupe
