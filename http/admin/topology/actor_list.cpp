#include "troupe/http/admin/topology/actor_list.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

constexpr const char* control = "the control thread";
constexpr const char* own_thread = "a thread of its own";

std::string io_thread_name(std::size_t index) {
  return "I/O thread " + std::to_string(index);
}

class list {
public:
  list(const actor_handles& actors, const actor_census& census,
       std::chrono::milliseconds uptime)
    : actors_(&actors), census_(&census), uptime_(uptime.count()) {
    // nop
  }

  /// Adds an actor that lives as long as the server.
  template <class Handle>
  json* add(const Handle& x, std::string_view role, const std::string& thread) {
    if (x == nullptr)
      return nullptr;
    return &add(x.id(), role, thread);
  }

  json& add(std::uint64_t id, std::string_view role,
            const std::string& thread) {
    json item{{"id", id},
              {"role", role},
              {"state", is_silent(id) ? "does not answer" : "ready"},
              {"thread", thread},
              {"age_ms", uptime_}};
    return result_.emplace_back(std::move(item));
  }

  void add_fronts() {
    for (std::size_t i = 0; i < actors_->fronts.size(); ++i) {
      const auto& front = actors_->fronts[i];
      auto& item = *add(front, "FRONT", io_thread_name(i));
      item["index"] = i;
      if (auto x = census_->fronts.find(front.id());
          x != census_->fronts.end()) {
        item["connections"] = x->second.connections;
        item["in_work"] = x->second.in_flight;
      }
      if (i >= actors_->io_routers.size())
        continue;
      auto& router = *add(actors_->io_routers[i], "ROUTER", io_thread_name(i));
      router["index"] = i;
      router["parent"] = front.id();
    }
  }

  void add_supervised(const snapshot_ptr& table) {
    const auto root = actors_->supervisor != nullptr
                        ? json(actors_->supervisor.id())
                        : json(nullptr);
    if (census_->supervised != nullptr)
      for (const auto& x : census_->supervised->children)
        add_child(x, root);
    // SUPERVISOR may be held up, and what was asked answers all the same.
    if (table != nullptr)
      for (const auto& target : table->targets) {
        for (const auto& queue : target.pool.all())
          add_queue(queue.id(), {"POOL", target.owner, root, {}});
        for (const auto& queue : target.spec.all())
          add_queue(queue.id(), {"SPEC", target.owner, root, {}});
      }
  }

  void add_cluster() {
    if (auto* item = add(actors_->cluster, "CLUSTER", control))
      (*item)["of"] = "nodes";
    const auto* member = add(actors_->member, "MEMBER", control);
    const auto parent = member != nullptr ? (*member)["id"] : json(nullptr);
    for (const auto& [name, model] : actors_->models) {
      auto& item = *add(model, "MODEL", control);
      item["of"] = name;
      item["parent"] = parent;
    }
  }

  [[nodiscard]] json take() && {
    return std::move(result_);
  }

private:
  [[nodiscard]] bool is_silent(std::uint64_t id) const {
    return census_->silent.count(id) > 0;
  }

  struct queue_facts {
    std::string_view role;
    std::string_view owner;
    json parent;
    /// "" when nothing is known of it.
    std::string thread;
    bool retires = false;
  };

  /// Adds the queue of a model or spec, unless it is there.
  void add_queue(std::uint64_t id, const queue_facts& of) {
    if (!known_queues_.insert(id).second)
      return;
    auto& item = add(id, of.role, of.thread);
    if (of.thread.empty())
      item.erase("thread");
    item["of"] = of.owner;
    item["parent"] = of.parent;
    auto x = census_->queues.find(id);
    if (x != census_->queues.end()) {
      item["queued"] = x->second.queued;
      item["in_work"] = x->second.running;
      if (x->second.running > 0)
        item["state"] = "busy";
    }
    if (of.retires)
      item["state"] = "retires";
  }

  void add_child(const child_report& x, const json& root) {
    const auto* role = x.kind == served_kind::model ? "POOL" : "SPEC";
    for (std::size_t i = 0; i < x.queues.size(); ++i)
      add_queue(x.queues[i],
                {role, x.owner, root,
                 x.inlined ? io_thread_name(i) : "the threads of its callers",
                 x.retires});
    for (const auto& worker : x.workers)
      add_worker(x, worker);
    for (const auto& worker : x.left_behind) {
      auto& item = add_worker(x, worker);
      item["state"] = "left behind";
      item.erase("index");
    }
  }

  json& add_worker(const child_report& of, const worker_report& x) {
    json item{{"id", x.id},
              {"role", x.node.empty() ? "WORKER" : "REMOTE WORKER"},
              {"of", of.owner},
              {"index", x.index},
              {"state", to_string(x.phase)},
              {"calls", x.calls},
              {"in_call",
               x.phase == worker_phase::busy || x.phase == worker_phase::stuck},
              {"restarts", x.restarts}};
    if (x.phase == worker_phase::busy)
      item["in_work"] = 1;
    if (!of.queues.empty())
      item["parent"] = of.queues[x.index % of.queues.size()];
    if (x.has_thread)
      item["thread"] = own_thread;
    else if (!x.node.empty())
      item["thread"] = "node " + x.node;
    else if (of.inlined && !of.queues.empty())
      item["thread"] = io_thread_name(x.index % of.queues.size());
    if (x.age)
      item["age_ms"] = x.age->count();
    if (!x.last_error.empty())
      item["last_error"] = {{"text", x.last_error},
                            {"age_ms", x.error_age.count()}};
    return result_.emplace_back(std::move(item));
  }

  const actor_handles* actors_;
  const actor_census* census_;
  std::int64_t uptime_;
  std::set<std::uint64_t> known_queues_;
  json result_ = json::array();
};

} // namespace

json list_actors(const actor_handles& actors, const actor_census& census,
                 const snapshot_ptr& table, std::chrono::milliseconds uptime) {
  list result{actors, census, uptime};
  result.add(actors.supervisor, "SUPERVISOR", control);
  result.add(actors.table, "TABLE", control);
  result.add(actors.gateway, "GATEWAY", control);
  if (auto* item = result.add(actors.router, "ROUTER", control))
    (*item)["of"] = "requests by actor message";
  result.add_fronts();
  result.add_supervised(table);
  result.add_cluster();
  return std::move(result).take();
}

json list_nodes(const actor_census& census) {
  struct entry {
    bool leaves = true;
    json models = json::array();
  };
  std::map<std::string, entry> nodes;
  if (census.supervised != nullptr)
    for (const auto& x : census.supervised->children)
      for (const auto& worker : x.workers) {
        if (worker.node.empty())
          continue;
        auto& node = nodes[worker.node];
        node.leaves = node.leaves && worker.phase == worker_phase::leaves;
        node.models.push_back(
          {{"name", x.owner}, {"state", to_string(worker.phase)}});
      }
  auto result = json::array();
  for (auto& [name, node] : nodes)
    result.push_back({{"name", name},
                      {"state", node.leaves ? "leaves" : "ready"},
                      {"models", std::move(node.models)}});
  return result;
}

} // namespace troupe
