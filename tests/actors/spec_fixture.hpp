#pragma once

#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/specs/spec/spec.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace troupe {

/// A spec beside one model `m`, whose pool does what the test says.
class spec_fixture : public deterministic_system {
protected:
  spec_fixture() {
    routing_plan plan;
    plan.targets.resize(2);
    auto& target = plan.targets[1];
    target.owner = "m";
    target.pool =
      own(sys.spawn(scripted_pool, to_model, [this](const exchange_ptr& ex) {
        inner = ex;
        if (on_model)
          on_model(*ex);
      }));
    target.admission = admission;
    target.state = state;
    table->store(plan.build(1));
    board.update(*state, model_phase::ready, 1);
  }

  void TearDown() override {
    inner = nullptr;
    deterministic_system::TearDown();
  }

  log_sink log() {
    return [this](log_level, std::string_view text) { logged = text; };
  }

  std::function<void(exchange&)> on_model = [](exchange& ex) {
    ex.finish(json_reply(ex.request.json()));
  };
  notes to_model = make_notes();
  exchange_ptr inner;
  std::shared_ptr<troupe::admission> admission =
    std::make_shared<troupe::admission>(1);
  std::shared_ptr<model_state> state =
    std::make_shared<model_state>("m", true, 1);
  std::shared_ptr<snapshot_cell> table = std::make_shared<snapshot_cell>();
  status_board board;
  std::string logged;
};

} // namespace troupe
