#include "troupe/http/admin/topology/actor_census.hpp"

#include <functional>

namespace troupe {

namespace {

/// Requests that were sent, each with what takes its answer.
class inquiry {
public:
  inquiry(caf::actor_system& sys, std::chrono::milliseconds patience,
          std::set<std::uint64_t>& silent)
    : self_(sys, true), patience_(patience), silent_(&silent) {
    // nop
  }

  /// Asks; an actor that is null is not there.
  template <class T, class Handle, class F, class... Ts>
  void ask(const Handle& whom, F take, Ts... xs) {
    if (whom == nullptr)
      return;
    const auto id = whom.id();
    using answer = decltype(self_->request(whom, patience_, xs...));
    auto sent =
      std::make_shared<answer>(self_->request(whom, patience_, xs...));
    waits_.emplace_back([this, id, sent, take] {
      sent->receive([&](const T& x) { take(id, x); },
                    [&](const caf::error&) { silent_->insert(id); });
    });
  }

  /// Only whether it answers counts.
  template <class T, class Handle, class... Ts>
  void look_at(const Handle& whom, Ts... xs) {
    ask<T>(
      whom, [](std::uint64_t, const T&) {}, xs...);
  }

  /// The time runs for all at once.
  void wait() {
    for (const auto& x : waits_)
      x();
    waits_.clear();
  }

private:
  caf::scoped_actor self_;
  std::chrono::milliseconds patience_;
  std::set<std::uint64_t>* silent_;
  std::vector<std::function<void()>> waits_;
};

} // namespace

actor_census take_census(caf::actor_system& sys, const actor_handles& whom,
                         const snapshot_ptr& table,
                         std::chrono::milliseconds patience) {
  actor_census result;
  inquiry all{sys, patience, result.silent};
  all.ask<supervision_report_ptr>(
    whom.supervisor,
    [&](std::uint64_t, const supervision_report_ptr& x) {
      result.supervised = x;
    },
    atom::describe_v);
  if (table != nullptr)
    for (const auto& target : table->targets)
      for (const auto* list : {&target.pool.all(), &target.spec.all()})
        for (const auto& queue : *list)
          all.ask<pool_status>(
            queue,
            [&](std::uint64_t id, const pool_status& x) {
              result.queues[id] = x;
            },
            atom::status_v);
  for (const auto& front : whom.fronts)
    all.ask<front_status>(
      front,
      [&](std::uint64_t id, const front_status& x) { result.fronts[id] = x; },
      atom::status_v);
  for (const auto& router : whom.io_routers)
    all.look_at<atom::ready>(router, atom::status_v);
  all.look_at<atom::ready>(whom.router, atom::status_v);
  all.look_at<atom::ready>(whom.gateway, atom::status_v);
  all.look_at<snapshot_ptr>(whom.table, atom::table_v);
  // The challenge is not used; it is kept until 256 others were made.
  all.look_at<node_challenge>(whom.cluster, atom::hello_v);
  for (const auto& [name, model] : whom.models)
    all.look_at<model_facts>(model, atom::describe_v);
  all.wait();
  return result;
}

} // namespace troupe
