#include "troupe/actors/cluster/member.hpp"

#include "troupe/actors/cluster/secret.hpp"

#include <algorithm>
#include <set>

namespace troupe {

namespace {

using member_pointer = node_actor::stateful_pointer<member_state>;
using std::chrono::milliseconds;

/// How often the models are looked at.
constexpr milliseconds facts_interval{50};

constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{2'000};

/// For answers that a front gives soon.
constexpr std::chrono::seconds answer_timeout{10};

std::string place_of(const member_config& config) {
  return config.host + ':' + std::to_string(config.port);
}

void log(member_pointer self, log_level level, const std::string& text) {
  state_of(self).config.log(level, text);
}

std::vector<model_offer> offers_of(const member_config& config) {
  std::vector<model_offer> result;
  for (const auto& [what, model] : config.models)
    result.push_back({describe(what), model});
  return result;
}

bool same(const model_offer& lhs, const model_offer& rhs) {
  return lhs.facts.ready == rhs.facts.ready
         && lhs.facts.capacity == rhs.facts.capacity;
}

/// Comes back after a while, unless it comes back sooner anyway.
void arm_tick(member_pointer self, milliseconds delay) {
  if (!std::exchange(state_of(self).tick_pending, true))
    tell_later(self, delay, atom::tick_v);
}

/// Comes back after a while that doubles each time.
void try_later(member_pointer self, const std::string& why) {
  auto& st = state_of(self);
  ++st.attempt;
  st.connecting = false;
  if (st.front != nullptr)
    self->demonitor(st.front.address());
  st.front = nullptr;
  if (st.leaving)
    return;
  // Logs each problem once, and not at each attempt.
  if (why != std::exchange(st.last_trouble, why))
    log(self, log_level::warning,
        "cannot join the front at " + place_of(st.config) + ": " + why
          + "; trying again");
  st.pause = std::clamp(2 * st.pause, first_pause, longest_pause);
  arm_tick(self, st.pause);
}

/// Asks the front, as a step of this attempt.
template <class Answer, class... Ts>
void ask_front(member_pointer self, void (*then)(member_pointer, const Answer&),
               Ts... xs) {
  auto& st = state_of(self);
  self->request(st.front, answer_timeout, std::move(xs)...)
    .then(
      [self, then, attempt = st.attempt](const Answer& answer) {
        if (state_of(self).attempt == attempt)
          then(self, answer);
      },
      [self, attempt = st.attempt](const caf::error& e) {
        if (state_of(self).attempt == attempt)
          try_later(self, text_of(e));
      });
}

void on_verdict(member_pointer self, const node_verdict& x) {
  auto& st = state_of(self);
  if (x.refused.empty()) {
    st.connecting = false;
    st.joined = true;
    st.was_joined = true;
    st.pause = {};
    st.last_trouble.clear();
    log(self, log_level::info, "joined the front at " + place_of(st.config));
    if (st.leaving) {
      tell_from(self, st.front, atom::leave_v, static_cast<node_actor>(self));
      return;
    }
    arm_tick(self, facts_interval);
    return;
  }
  std::string why;
  for (const auto& text : x.refused)
    why += (why.empty() ? "" : "\n") + text;
  const auto first = !st.was_joined && !x.try_again;
  if (first && st.config.on_refused)
    st.config.on_refused("the front at " + place_of(st.config)
                         + " refuses this node: " + why);
  else
    try_later(self, why);
}

void offer(member_pointer self, const node_challenge& x) {
  auto& st = state_of(self);
  node_offer result;
  result.protocol = cluster_protocol;
  result.version = st.config.version;
  result.name = st.config.name;
  result.labels = st.config.labels;
  result.nonce = x.nonce;
  if (!st.config.secret.empty())
    result.proof = sign(st.config.secret, x.nonce, st.config.name);
  result.models = offers_of(st.config);
  result.node = static_cast<node_actor>(self);
  st.told = result.models;
  ask_front(self, on_verdict, atom::join_v, std::move(result));
}

void on_connected(member_pointer self, const caf::strong_actor_ptr& found,
                  const std::set<std::string>& interface) {
  auto& sys = self->home_system();
  if (found == nullptr || !sys.assignable<cluster_actor>(interface)) {
    try_later(self, "nothing there takes nodes; the address must be the "
                    "front's cluster.listen, not its HTTP port");
    return;
  }
  auto& st = state_of(self);
  st.front = caf::actor_cast<cluster_actor>(found);
  self->monitor(st.front);
  ask_front(self, offer, atom::hello_v);
}

void begin_to_join(member_pointer self) {
  auto& st = state_of(self);
  if (std::exchange(st.connecting, true))
    return;
  self
    ->request(st.config.connector, answer_timeout, caf::connect_atom_v,
              st.config.host, st.config.port)
    .then(
      [self](const caf::node_id&, const caf::strong_actor_ptr& found,
             const std::set<std::string>& interface) {
        on_connected(self, found, interface);
      },
      [self](const caf::error& e) { try_later(self, text_of(e)); });
}

/// Tells the front what has changed.
void tell_changes(member_pointer self) {
  auto& st = state_of(self);
  auto now = offers_of(st.config);
  std::vector<model_offer> changed;
  for (std::size_t i = 0; i < now.size(); ++i)
    if (!same(now[i], st.told[i]))
      changed.push_back(now[i]);
  if (!changed.empty())
    tell_from(self, st.front, atom::update_v, static_cast<node_actor>(self),
              std::move(changed));
  st.told = std::move(now);
  arm_tick(self, facts_interval);
}

void on_front_down(member_pointer self, const caf::actor_addr& who,
                   const caf::error& why) {
  auto& st = state_of(self);
  if (st.front == nullptr || st.front.address() != who)
    return;
  st.front = nullptr;
  if (std::exchange(st.joined, false))
    log(self, log_level::warning,
        "the front at " + place_of(st.config) + " is lost: " + text_of(why));
  try_later(self, "the connection was lost");
}

} // namespace

node_actor::behavior_type member(member_pointer self, member_config config) {
  state_of(self).config = std::move(config);
  on_down(self, [self](const caf::actor_addr& who, const caf::error& why) {
    on_front_down(self, who, why);
  });
  begin_to_join(self);
  return {
    [self](atom::tick) {
      auto& st = state_of(self);
      st.tick_pending = false;
      if (st.joined)
        tell_changes(self);
      else if (!st.leaving)
        begin_to_join(self);
    },
    [self](atom::leave) -> caf::result<atom::drained> {
      auto& st = state_of(self);
      st.leaving = true;
      if (!st.joined)
        return atom::drained_v;
      auto promise = self->make_response_promise<atom::drained>();
      // Without a bound: ends with what is in work, or with the front.
      self
        ->request(st.front, caf::infinite, atom::leave_v,
                  static_cast<node_actor>(self))
        .then([promise](
                atom::drained) mutable { promise.deliver(atom::drained_v); },
              [promise](const caf::error&) mutable {
                promise.deliver(atom::drained_v);
              });
      return promise;
    },
  };
}

} // namespace troupe
