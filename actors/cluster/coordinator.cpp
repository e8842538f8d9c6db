#include "troupe/actors/cluster/coordinator.hpp"

#include "troupe/actors/cluster/remote_worker.hpp"
#include "troupe/actors/cluster/secret.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace troupe {

namespace {

using cluster_pointer = cluster_actor::stateful_pointer<coordinator_state>;
using node = coordinator_state::node;
using share = coordinator_state::share;

/// Of challenges that nobody has answered yet.
constexpr std::size_t most_nonces = 256;

/// Before a worker that failed is tried again.
constexpr std::chrono::seconds rest{1};

/// The most calls that a model of a node may take at once: each open call takes
/// memory here.
constexpr std::uint32_t most_calls = 65'536;

std::uint32_t capacity_of(const model_offer& x) {
  return std::clamp(x.facts.capacity, 1U, most_calls);
}

void log(cluster_pointer self, log_level level, const std::string& text) {
  state_of(self).config.log(level, text);
}

// -- who may join -------------------------------------------------------------

std::string model_problem(const model_offer& x,
                          const std::vector<std::string>& labels,
                          const routing_snapshot* table) {
  const auto& name = x.facts.name;
  const auto* target = table != nullptr ? table->find_model(name) : nullptr;
  auto about = "model " + name + ": ";
  if (target == nullptr)
    return about.append("the front has no model of this name; add it to the "
                        "front's config, e.g. with the type \"node\"");
  if (!target->nodes.enabled)
    return about.append("the front does not let nodes serve it; set its "
                        "nodes.enabled there");
  for (const auto& wanted : target->nodes.labels)
    if (std::find(labels.begin(), labels.end(), wanted) == labels.end())
      return about.append("the front wants nodes with the label ")
        .append(wanted);
  return {};
}

/// Returns the schema that others serve the model with, or "".
std::string schema_in_use(const coordinator_state& st, const std::string& name,
                          const routing_snapshot* table) {
  if (const auto* target = table->find_model(name);
      target != nullptr && target->schema != "null")
    return target->schema;
  for (const auto& [key, other] : st.nodes)
    if (auto i = other.models.find(name); i != other.models.end())
      return i->second.offer.facts.schema;
  return {};
}

std::vector<std::string> problems_of(cluster_pointer self,
                                     const node_offer& x) {
  auto& st = state_of(self);
  std::vector<std::string> result;
  if (x.protocol != cluster_protocol)
    return {"the node speaks version " + std::to_string(x.protocol)
            + " of the cluster's protocol (Troupe " + x.version
            + "), the front version " + std::to_string(cluster_protocol)
            + " (Troupe " + st.config.version + "); run the same version"};
  auto nonce = std::find(st.nonces.begin(), st.nonces.end(), x.nonce);
  const auto is_fresh = nonce != st.nonces.end();
  if (is_fresh)
    st.nonces.erase(nonce);
  if (!st.config.secret.empty()
      && (!is_fresh
          || !same_proof(x.proof, sign(st.config.secret, x.nonce, x.name))))
    return {"the node's secret is not the front's; see cluster.secret_env"};
  if (x.node == nullptr)
    return {"the node has no actor"};
  const auto table = st.config.cell->load();
  std::set<std::string> names;
  for (const auto& m : x.models) {
    const auto& name = m.facts.name;
    if (!names.insert(name).second || m.model == nullptr) {
      result.push_back("model " + name
                       + " is offered twice, or without an actor");
    } else if (auto why = model_problem(m, x.labels, table.get());
               !why.empty()) {
      result.push_back(why);
    } else if (auto schema = schema_in_use(st, name, table.get());
               !schema.empty() && schema != m.facts.schema) {
      result.push_back(std::string{"model "}
                         .append(name)
                         .append(": its inputs and outputs are not those that "
                                 "are served: ")
                         .append(m.facts.schema)
                         .append(" instead of ")
                         .append(schema));
    }
  }
  return result;
}

// -- workers ------------------------------------------------------------------

node* find_node(cluster_pointer self, const caf::actor_addr& who) {
  auto& nodes = state_of(self).nodes;
  auto i = nodes.find(who);
  return i != nodes.end() ? &i->second : nullptr;
}

void end(cluster_pointer self, const worker_actor& x) {
  self->send_exit(x, caf::exit_reason::user_shutdown);
}

/// Lets a worker finish what it has.
void let_leave(node& from, share& x) {
  if (x.worker == nullptr)
    return;
  tell(caf::actor_cast<remote_worker_actor>(x.worker), atom::leave_v);
  from.leaving.push_back(std::exchange(x.worker, nullptr));
}

void refresh(cluster_pointer self, node& of, share& x);

/// Comes back to what failed.
void try_later(cluster_pointer self, share& x) {
  x.rests = true;
  if (!std::exchange(state_of(self).tick_pending, true))
    tell_later(self, rest, atom::tick_v);
}

/// Takes a worker that SUPERVISOR has made.
void on_adopted(cluster_pointer self, const caf::actor_addr& who,
                const std::string& model, const worker_actor& worker) {
  auto* to = find_node(self, who);
  if (to == nullptr) {
    // The node was lost meanwhile.
    end(self, worker);
    return;
  }
  auto& x = to->models[model];
  x.coming = false;
  x.trouble.clear();
  // Only now that there is another worker, so that the model always has one.
  let_leave(*to, x);
  x.worker = worker;
  self->monitor(worker);
  // The node may have said something else meanwhile.
  refresh(self, *to, x);
}

void answer_left(node& x);

void on_not_adopted(cluster_pointer self, const caf::actor_addr& who,
                    const std::string& model, const std::string& why) {
  auto* to = find_node(self, who);
  if (to == nullptr)
    return;
  auto& x = to->models[model];
  if (why != std::exchange(x.trouble, why))
    log(self, log_level::warning, "node " + to->name + " cannot serve: " + why);
  x.coming = false;
  x.capacity = 0;
  try_later(self, x);
  answer_left(*to);
}

/// Gives a model of a node a worker here.
void adopt(cluster_pointer self, const node& from, share& x) {
  x.coming = true;
  x.capacity = capacity_of(x.offer);
  const auto& model = x.offer.facts.name;
  adoption order;
  order.model = model;
  order.node = from.name;
  order.make = [target = x.offer.model, capacity = x.capacity,
                name = from.name](caf::actor_system& sys, worker_seat seat) {
    auto where = seat.where;
    return caf::actor_cast<worker_actor>(spawn_placed(
      sys, std::move(where), remote_worker,
      remote_worker_config{std::move(seat), target, capacity, name}));
  };
  // Without a bound: SUPERVISOR answers, or has ended.
  self
    ->request(state_of(self).config.supervisor, caf::infinite, atom::adopt_v,
              adoption_ptr{std::make_shared<adoption>(std::move(order))})
    .then(
      [self, who = from.handle.address(), model](const worker_actor& worker) {
        on_adopted(self, who, model, worker);
      },
      [self, who = from.handle.address(), model](const caf::error& e) {
        on_not_adopted(self, who, model, text_of(e));
      });
}

/// Brings the workers of a model in line with what its node says.
void refresh(cluster_pointer self, node& of, share& x) {
  if (of.leaves || !x.offer.facts.ready)
    let_leave(of, x);
  else if (!x.coming && !x.rests
           && (x.worker == nullptr || x.capacity != capacity_of(x.offer)))
    adopt(self, of, x);
}

/// Tries again what failed a while ago.
void look(cluster_pointer self) {
  auto& st = state_of(self);
  st.tick_pending = false;
  for (auto& [key, of] : st.nodes)
    for (auto& [name, x] : of.models)
      if (std::exchange(x.rests, false))
        refresh(self, of, x);
}

bool is_idle(const node& x) {
  return x.leaving.empty()
         && std::none_of(x.models.begin(), x.models.end(), [](const auto& m) {
              return m.second.coming || m.second.worker != nullptr;
            });
}

void answer_left(node& x) {
  if (!x.leaves || !is_idle(x))
    return;
  for (auto& promise : x.left)
    promise.deliver(atom::drained_v);
  x.left.clear();
}

// -- ends ---------------------------------------------------------------------

bool on_node_down(cluster_pointer self, const caf::actor_addr& who,
                  const caf::error& why) {
  auto& nodes = state_of(self).nodes;
  auto i = nodes.find(who);
  if (i == nodes.end())
    return false;
  auto gone = std::move(i->second);
  nodes.erase(i);
  log(self, gone.leaves ? log_level::info : log_level::warning,
      "node " + gone.name
        + (gone.leaves ? " has left" : " is lost: " + text_of(why)));
  for (auto& [name, x] : gone.models)
    if (x.worker != nullptr)
      end(self, x.worker);
  for (auto& x : gone.leaving)
    end(self, x);
  return true;
}

void on_worker_down(cluster_pointer self, const caf::actor_addr& who) {
  for (auto& [key, x] : state_of(self).nodes) {
    for (auto& [name, m] : x.models)
      if (m.worker != nullptr && m.worker.address() == who) {
        // The node broke the protocol, say, or the model was replaced.
        m.worker = nullptr;
        try_later(self, m);
      }
    std::erase_if(x.leaving, [&](const auto& w) { return w.address() == who; });
    answer_left(x);
  }
}

node_verdict join(cluster_pointer self, const node_offer& x) {
  auto problems = problems_of(self, x);
  const auto& nodes = state_of(self).nodes;
  if (problems.empty()
      && std::any_of(nodes.begin(), nodes.end(), [&](const auto& other) {
           return other.second.name == x.name && other.first != x.node;
         }))
    return {
      {"a node called " + x.name
       + " is in the cluster already; names are unique, see cluster.name"},
      true};
  if (!problems.empty()) {
    for (const auto& why : problems)
      log(self, log_level::warning, "node " + x.name + " was refused: " + why);
    return {std::move(problems), false};
  }
  auto& entry = state_of(self).nodes[x.node.address()];
  // It may not have heard that it is in.
  if (entry.handle == nullptr)
    self->monitor(x.node);
  entry.name = x.name;
  entry.handle = x.node;
  std::string names;
  for (const auto& m : x.models) {
    names += (names.empty() ? "" : ", ") + m.facts.name;
    auto& taken = entry.models[m.facts.name];
    taken.offer = m;
    refresh(self, entry, taken);
  }
  log(self, log_level::info, "node " + x.name + " has joined with " + names);
  return {};
}

} // namespace

cluster_actor::behavior_type coordinator(cluster_pointer self,
                                         coordinator_config config) {
  state_of(self).config = std::move(config);
  on_down(self, [self](const caf::actor_addr& who, const caf::error& why) {
    if (!on_node_down(self, who, why))
      on_worker_down(self, who);
  });
  return {
    [self](atom::hello) {
      auto& st = state_of(self);
      if (st.nonces.size() == most_nonces)
        st.nonces.pop_front();
      st.nonces.push_back(make_nonce());
      return node_challenge{cluster_protocol, st.config.version,
                            st.nonces.back()};
    },
    [self](atom::join, const node_offer& x) { return join(self, x); },
    [self](atom::update, const node_actor& who,
           const std::vector<model_offer>& now) {
      auto* of = find_node(self, who.address());
      if (of == nullptr)
        return;
      for (const auto& m : now)
        if (auto i = of->models.find(m.facts.name); i != of->models.end()) {
          // The rest was checked when it joined.
          i->second.offer.facts.ready = m.facts.ready;
          i->second.offer.facts.capacity = m.facts.capacity;
          refresh(self, *of, i->second);
        }
    },
    [self](atom::leave, const node_actor& who) -> caf::result<atom::drained> {
      auto* of = find_node(self, who.address());
      if (of == nullptr)
        return atom::drained_v;
      of->leaves = true;
      for (auto& [name, x] : of->models)
        let_leave(*of, x);
      auto promise = self->make_response_promise<atom::drained>();
      of->left.push_back(promise);
      answer_left(*of);
      return promise;
    },
    [self](atom::tick) { look(self); },
  };
}

} // namespace troupe
