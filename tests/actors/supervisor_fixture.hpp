#pragma once

#include "troupe/actors/supervision/supervisor.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// A SUPERVISOR with real pools and workers, all on the test's thread.
class supervisor_fixture : public deterministic_system {
protected:
  using script_ptr = std::shared_ptr<fake_model::script>;
  using strings = std::vector<std::string>;

  supervisor_fixture() {
    board->on_failure = [this](const std::string& x) { failures.push_back(x); };
    board->phase(server_phase::serving);
    supervisor_config config;
    config.board = board;
    config.log = [this](log_level, std::string_view x) {
      lines.emplace_back(x);
    };
    config.threads = false;
    tested = own(spawn_supervisor(sys, std::move(config)));
    end = watch(tested);
  }

  void TearDown() override {
    stop(std::chrono::milliseconds{0});
    advance(std::chrono::hours{1});
    deterministic_system::TearDown();
  }

  struct served {
    queue_actor pool;
    std::shared_ptr<model_state> state;
    script_ptr script;
    std::vector<queue_actor> pools = {};
    std::string key = {};
  };

  /// Serves a model that follows a script.
  served serve(std::string name, model_options options = {},
               script_ptr script = std::make_shared<fake_model::script>(),
               std::size_t shards = 1) {
    auto config = std::make_shared<serve_order>();
    config->shards = shards;
    config->state = std::make_shared<model_state>(name, options.required,
                                                  options.workers * shards);
    config->gate = std::make_shared<admission>(100);
    config->label = "model " + name;
    config->definition = make_fake(std::move(name), script, std::move(options));
    auto queues =
      query<queue_handles>(tested, atom::serve_v, serve_order_ptr{config});
    return {queues.all.front(), config->state, script, queues.all, queues.key};
  }

  /// Lets the next exchange kill its worker, and only that one.
  static void die_once(const script_ptr& script) {
    script->on_process = [script = script.get()](auto batch) {
      script->on_process = nullptr;
      fake_model::die(batch);
    };
  }

  std::shared_ptr<recording_exchange> submit(const served& x) {
    auto result = ask();
    tell(x.pool, exchange_ptr{result});
    run();
    return result;
  }

  answer_ptr<stop_report> post_stop(std::chrono::milliseconds timeout) {
    return post<stop_report>(tested, atom::stop_v, caf::timespan{timeout});
  }

  answer_ptr<stop_report> stop(std::chrono::milliseconds timeout) {
    auto result = post_stop(timeout);
    run();
    return result;
  }

  answer_ptr<atom::drained> drain(bool finish_queued) {
    auto result = post<atom::drained>(tested, atom::drain_v, finish_queued);
    run();
    return result;
  }

  void retire(const std::string& key) {
    tell(tested, atom::retire_v, key);
    run();
  }

  std::shared_ptr<status_board> board = std::make_shared<status_board>();
  strings failures;
  strings lines;
  supervisor_actor tested;
  end_ptr end;
};

} // namespace troupe
