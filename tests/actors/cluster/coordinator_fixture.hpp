#pragma once

#include "troupe/actors/cluster/coordinator.hpp"
#include "troupe/actors/cluster/remote_worker.hpp"
#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/tests/actors/cluster/cluster_doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A SUPERVISOR that takes workers in when the test says so.
struct adoption_notes {
  std::vector<adoption_ptr> orders = {};
  std::vector<caf::typed_response_promise<worker_actor>> promises = {};
  /// What it answers next, which of them and with what: null refuses.
  std::vector<std::pair<std::size_t, worker_actor>> answers = {};
};

inline supervisor_actor::behavior_type
adopting_supervisor(supervisor_actor::pointer self,
                    std::shared_ptr<adoption_notes> out, notes told) {
  return {
    [=](atom::serve, const serve_order_ptr&) { return queue_handles{}; },
    [=](atom::adopt, const adoption_ptr& x) -> caf::result<worker_actor> {
      out->orders.push_back(x);
      auto promise = self->make_response_promise<worker_actor>();
      out->promises.push_back(promise);
      return promise;
    },
    [=](atom::retire, const std::string&) {},
    [=](atom::ready, const std::string& key, worker_index) {
      told->push_back("ready " + key);
    },
    [=](atom::fail, const std::string&, worker_index) {},
    [=](atom::leave, const std::string& key, worker_index) {
      told->push_back("leave " + key);
    },
    [=](atom::scale, const std::string&, std::uint64_t, std::uint64_t) {
      return atom::ready_v;
    },
    [=](atom::revive, const std::string&) { return atom::ready_v; },
    [=](atom::restart, const std::string&, worker_index) {},
    [=](atom::describe) { return supervision_report_ptr{}; },
    [=](atom::drain, bool) { return atom::drained_v; },
    [=](atom::cancel) {},
    [=](atom::stop, caf::timespan) { return stop_report{}; },
    [=](atom::overdue) {},
    [=](atom::tick) {
      for (auto& [n, worker] : std::exchange(out->answers, {}))
        if (worker != nullptr)
          out->promises.at(n).deliver(worker);
        else
          out->promises.at(n).deliver(
            caf::make_error(caf::sec::invalid_argument, std::string{"no"}));
    },
  };
}

/// The number is of no use: CAF 0.17 takes a reference to no arguments.
inline node_actor::behavior_type idle_node(node_actor::pointer, int) {
  return {
    [](atom::tick) {},
    [](atom::leave) { return atom::drained_v; },
  };
}

/// A CLUSTER with nodes and a SUPERVISOR of the test.
class coordinator_fixture : public deterministic_system {
protected:
  using strings = std::vector<std::string>;

  coordinator_fixture() {
    for (const auto* name : {"m", "n", "local"})
      add(name);
    plan.targets[3].nodes.enabled = false;
    plan.targets[2].nodes.labels = {"gpu", "big"};
  }

  void SetUp() override {
    cell->store(plan.build(1));
    supervisor = own(sys.spawn(adopting_supervisor, orders, told));
    pool = own(sys.spawn(scripted_pool, told, nullptr));
    start();
  }

  void TearDown() override {
    orders->promises.clear();
    orders->orders.clear();
    deterministic_system::TearDown();
    // What was asked for again keeps it.
    advance(std::chrono::seconds{2});
  }

  void add(const char* name) {
    if (plan.targets.empty())
      plan.targets.resize(1);
    auto& x = plan.targets.emplace_back();
    x.owner = name;
    x.pool = own(sys.spawn(scripted_pool, told, nullptr));
    x.nodes.enabled = true;
  }

  void start(std::string secret = {}) {
    coordinator_config config;
    config.supervisor = supervisor;
    config.cell = cell;
    config.log = [this](log_level, std::string_view x) {
      lines.emplace_back(x);
    };
    config.secret = std::move(secret);
    config.version = "9.9";
    tested = own(sys.spawn(coordinator, std::move(config)));
  }

  node_challenge hello() {
    return query<node_challenge>(tested, atom::hello_v);
  }

  model_offer offer_of(std::string name, bool ready = true,
                       std::uint32_t capacity = 4) {
    model_offer x;
    x.facts.name = std::move(name);
    x.facts.ready = ready;
    x.facts.capacity = capacity;
    x.model = own(sys.spawn(scripted_model, std::make_shared<model_notes>()));
    return x;
  }

  node_offer node_called(std::string name, std::vector<model_offer> models) {
    node_offer x;
    x.protocol = cluster_protocol;
    x.version = "9.9";
    x.name = std::move(name);
    x.models = std::move(models);
    x.node = own(sys.spawn(idle_node, 0));
    return x;
  }

  node_verdict join(node_offer x) {
    return query<node_verdict>(tested, atom::join_v, std::move(x));
  }

  /// The reasons of a refusal that does not go away by itself.
  strings refusal(node_offer x) {
    auto verdict = join(std::move(x));
    EXPECT_FALSE(verdict.try_again);
    return verdict.refused;
  }

  void update(const node_offer& of, model_offer now) {
    tell(tested, atom::update_v, of.node,
         std::vector<model_offer>{std::move(now)});
    run();
  }

  answer_ptr<atom::drained> leave(const node_offer& x) {
    auto result = post<atom::drained>(tested, atom::leave_v, x.node);
    run();
    return result;
  }

  /// Makes the worker of the n-th order, and says so.
  worker_actor adopt(std::size_t n) {
    worker_seat seat;
    seat.slot.index = static_cast<std::uint32_t>(n);
    seat.pool = pool;
    seat.supervisor = supervisor;
    seat.key = "k" + std::to_string(n);
    auto result = own(orders->orders.at(n)->make(sys, std::move(seat)));
    ends.push_back(watch(result));
    decide(n, result);
    return result;
  }

  void refuse_adoption(std::size_t n) {
    decide(n, worker_actor{});
  }

  void decide(std::size_t n, worker_actor with) {
    orders->answers.emplace_back(n, std::move(with));
    tell(supervisor, atom::tick_v);
    run();
  }

  [[nodiscard]] std::size_t order_count() const {
    return orders->orders.size();
  }

  std::shared_ptr<adoption_notes> orders = std::make_shared<adoption_notes>();
  notes told = make_notes();
  strings lines;
  std::vector<end_ptr> ends;
  std::shared_ptr<snapshot_cell> cell = std::make_shared<snapshot_cell>();
  routing_plan plan;
  supervisor_actor supervisor;
  queue_actor pool;
  cluster_actor tested;
};

} // namespace troupe
