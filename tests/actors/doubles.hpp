#pragma once

#include "troupe/actors/serve_order.hpp"
#include "troupe/tests/support/fake_model.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Actors that stand in for the real ones and write down what they get.
namespace troupe {

/// What a double was told, e.g. `idle 0`.
using notes = std::shared_ptr<std::vector<std::string>>;

/// Takes every ticket of a bound, and those above it.
inline std::vector<admission_ticket>
take_every_ticket(const std::shared_ptr<admission>& from) {
  std::vector<admission_ticket> result;
  for (;;) {
    admission_ticket next{from, admission::overshoot};
    if (!next)
      return result;
    result.push_back(std::move(next));
  }
}

inline notes make_notes() {
  return std::make_shared<std::vector<std::string>>();
}

/// A WORKER that keeps what it gets; the test answers.
struct worker_notes {
  std::vector<std::vector<std::string>> batches = {};
  std::vector<exchange_ptr> held = {};
};

inline worker_actor::behavior_type
holding_worker(worker_actor::pointer, std::shared_ptr<worker_notes> out) {
  return {
    [out](const exchange_ptr& ex) {
      out->batches.push_back({ex->request_id});
      out->held.push_back(ex);
    },
    [out](const batch_ptr& batch) {
      out->batches.emplace_back();
      for (const auto& ex : *batch) {
        out->batches.back().push_back(ex->request_id);
        out->held.push_back(ex);
      }
    },
    [](atom::tick) {},
    [](const job_ptr& job) { (*job)(); },
  };
}

/// A POOL that hands every exchange to a function.
inline pool_actor::behavior_type
scripted_pool(pool_actor::pointer, notes out,
              std::function<void(const exchange_ptr&)> on_exchange) {
  return {
    [=](const exchange_ptr& ex) {
      out->push_back("exchange " + ex->request_id);
      if (on_exchange)
        on_exchange(ex);
    },
    [=](atom::join, const worker_offer& x) {
      out->push_back("join " + std::to_string(x.index.value));
    },
    [=](atom::idle, worker_index i) {
      out->push_back("idle " + std::to_string(i.value));
    },
    [=](atom::leave, worker_index i) {
      out->push_back("leave " + std::to_string(i.value));
      return atom::drained_v;
    },
    [=](atom::retire, worker_index i) {
      out->push_back("retire " + std::to_string(i.value));
      return atom::drained_v;
    },
    [=](atom::sweep) { out->push_back("sweep"); },
    [=](atom::wake) { return atom::ready_v; },
    [=](atom::tick, batch_number) { out->push_back("tick"); },
    [=](atom::status) { return pool_status{}; },
    [=](atom::drain, bool) { return atom::drained_v; },
    [=](atom::cancel) { out->push_back("cancel"); },
    [=](atom::reclaim, worker_index i) {
      out->push_back("reclaim " + std::to_string(i.value));
    },
    [=](atom::reclaim, worker_index i, const exchange_ptr& ex) {
      out->push_back("reclaim " + std::to_string(i.value) + ' '
                     + ex->request_id);
    },
    [=](atom::fail, const std::string& why) { out->push_back("fail " + why); },
    [=](atom::shun, std::uint64_t, caf::timespan) { out->push_back("shun"); },
  };
}

inline supervisor_actor::behavior_type
scripted_supervisor(supervisor_actor::pointer, notes out) {
  return {
    [=](atom::serve, const serve_order_ptr&) { return queue_handles{}; },
    [=](atom::adopt, const adoption_ptr&) { return worker_actor{}; },
    [=](atom::retire, const std::string& name) {
      out->push_back("retire " + name);
    },
    [=](atom::ready, const std::string& name, worker_index i) {
      out->push_back("ready " + name + ' ' + std::to_string(i.value));
    },
    [=](atom::fail, const std::string&, worker_index) {},
    [=](atom::leave, const std::string& name, worker_index i) {
      out->push_back("leave " + name + ' ' + std::to_string(i.value));
    },
    [=](atom::scale, const std::string& name, std::uint64_t min,
        std::uint64_t max) {
      out->push_back("scale " + name + ' ' + std::to_string(min) + ' '
                     + std::to_string(max));
      return atom::ready_v;
    },
    [=](atom::revive, const std::string& name) {
      out->push_back("revive " + name);
      return atom::ready_v;
    },
    [=](atom::restart, const std::string&, worker_index) {
      out->push_back("restart");
    },
    [=](atom::describe) { return supervision_report_ptr{}; },
    [=](atom::drain, bool) { return atom::drained_v; },
    [=](atom::cancel) { out->push_back("cancel"); },
    [=](atom::stop, caf::timespan) { return stop_report{}; },
    [=](atom::overdue) { out->push_back("overdue"); },
    [=](atom::tick) { out->push_back("tick"); },
  };
}

/// A FRONT that keeps every version of the table.
inline front_actor::behavior_type
scripted_front(front_actor::pointer,
               std::shared_ptr<std::vector<snapshot_ptr>> out) {
  return {
    [=](const snapshot_ptr& x) {
      out->push_back(x);
      return atom::ready_v;
    },
    [](atom::accept) { return atom::ready_v; },
    [=](atom::quiesce) { return atom::drained_v; },
    [=](atom::drained) {
      // nop
    },
    [=](atom::stop) { return atom::drained_v; },
    [=](atom::status) { return front_status{}; },
  };
}

} // namespace troupe
