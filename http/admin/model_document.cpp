#include "troupe/http/admin/model_document.hpp"

#include "troupe/http/admin/worker_changes.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace troupe {

namespace {

using nlohmann::json;

template <class Rep, class Period>
json in_ms(std::chrono::duration<Rep, Period> x) {
  using whole = std::chrono::milliseconds;
  if (x == std::chrono::duration_cast<whole>(x))
    return std::chrono::duration_cast<whole>(x).count();
  return std::chrono::duration<double, std::milli>(x).count();
}

json state_of_model(const model_state& x) {
  json result{{"phase", to_string(x.phase())},
              {"healthy", x.healthy()},
              {"workers", x.workers()},
              {"ready_workers", x.ready_workers()},
              {"stuck_workers", x.stuck_workers()},
              {"restarts", x.restarts()},
              {"pending", x.pending()}};
  if (auto why = x.detail(); !why.empty())
    result["reason"] = std::move(why);
  if (auto why = x.scaling(); !why.empty())
    result["scaling"] = std::move(why);
  return result;
}

json endpoints_of(const std::string& model, const endpoint_table& table) {
  auto result = json::array();
  for (const auto& e : table.entries())
    if (e.kind == endpoint_kind::predict && e.owner == model)
      result.push_back({{"methods", to_string(e.endpoint.methods)},
                        {"path", e.endpoint.pattern},
                        {"access", to_string(e.endpoint.access)},
                        {"origin", e.origin.where}});
  return result;
}

} // namespace

json describe_options(const model_options& x) {
  json result{{"predict", x.predict ? json(*x.predict) : json(false)},
              {"workers", show_workers(x.workers.range())},
              {"execution", to_string(x.execution)},
              {"device", x.device},
              {"access", to_string(x.access)},
              {"required", x.required},
              {"keep_alive_ms", in_ms(x.restart.supervision.keep_alive)},
              {"load", to_string(x.restart.supervision.load)},
              {"timeout_ms", x.timeout ? in_ms(*x.timeout) : json(nullptr)},
              {"queue_timeout_ms", in_ms(x.limits.queue)},
              {"execution_timeout_ms", in_ms(x.limits.execution)},
              {"heartbeat_ms", in_ms(x.heartbeat)},
              {"batch",
               {{"max_size", x.batch.max_size},
                {"max_delay_ms", in_ms(x.batch.max_delay)}}},
              {"queue", {{"max_size", x.queue.max_size}}}};
  if (x.max_body_bytes)
    result["max_body_bytes"] = *x.max_body_bytes;
  return result;
}

json describe_model(const model_definition& x, const status_board& board,
                    const snapshot_ptr& table) {
  const auto& name = x.options.name;
  json result{{"name", name},
              {"streaming", x.streaming},
              {"options", describe_options(x.options)},
              {"endpoints", table != nullptr ? endpoints_of(name, table->table)
                                             : json::array()},
              {"origin", x.options.origin.where}};
  for (const auto& m : board.models())
    if (m->kind() == served_kind::model && m->name() == name)
      result["state"] = state_of_model(*m);
  if (!x.metadata.is_null())
    result["metadata"] = x.metadata;
  return result;
}

} // namespace troupe
