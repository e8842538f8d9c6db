#pragma once

#include "troupe/actors/supervision/supervisor.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace troupe {

/// A SUPERVISOR with real pools and workers, all on the test's thread.
class supervisor_fixture : public deterministic_system {
protected:
  using script_ptr = std::shared_ptr<fake_model::script>;
  using strings = std::vector<std::string>;

  static constexpr auto ok = R"(200 "ok")";

  supervisor_fixture() {
    board->on_failure = [this](const std::string& x) { failures.push_back(x); };
    board->on_give_up = [this](const given_up_model& x) {
      given_up.push_back(x.name + ": " + std::string{to_string(x.escalation)});
    };
    board->phase(server_phase::serving);
    supervisor_config config;
    config.board = board;
    config.log = [this](log_level, std::string_view x) {
      lines.emplace_back(x);
    };
    config.threads = false;
    config.chance = [] { return 0.0; };
    config.before_spawn = [this] {
      if (spawn_failures > 0) {
        --spawn_failures;
        throw std::system_error(
          std::make_error_code(std::errc::resource_unavailable_try_again));
      }
    };
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
    std::shared_ptr<troupe::admission> admission = {};
  };

  [[nodiscard]] static bool contains_text(const std::string& all,
                                          const std::string& part) {
    return all.find(part) != std::string::npos;
  }

  /// Serves a model that follows a script.
  served serve(std::string name, model_options options = {},
               script_ptr script = std::make_shared<fake_model::script>(),
               std::size_t shards = 1, bool stands_in = false) {
    auto config = std::make_shared<serve_order>();
    config->off_board = stands_in;
    config->shards = shards;
    config->state = std::make_shared<model_state>(name, options.required,
                                                  options.workers * shards);
    config->state->escalates(options.escalates());
    config->admission = std::make_shared<troupe::admission>(100);
    config->label = "model " + name;
    config->definition = make_fake(std::move(name), script, std::move(options));
    config->definition.has_health = script->on_health != nullptr;
    auto queues =
      query<queue_handles>(tested, atom::serve_v, serve_order_ptr{config});
    return {queues.all.front(), config->state, script,
            queues.all,         queues.key,    config->admission};
  }

  /// Lets the next exchange kill its worker, and only that one.
  static void die_once(const script_ptr& script) {
    script->on_process = [script = script.get()](auto batch) {
      script->on_process = nullptr;
      fake_model::die(batch);
    };
  }

  /// Each with an input of its own, unless the body says so.
  std::shared_ptr<recording_exchange> submit(const served& x,
                                             std::string body = {}) {
    if (body.empty())
      body = std::to_string(++submitted_);
    auto result = ask(std::move(body));
    tell(x.pool, exchange_ptr{result});
    run();
    return result;
  }

  /// As `advance`, with time for what comes back again and again.
  void pass(std::chrono::milliseconds x) {
    constexpr std::chrono::milliseconds step{50};
    for (; x.count() > 0; x -= std::min(x, step))
      advance(std::min(x, step));
  }

  /// Whether a line of the log has that text in it.
  [[nodiscard]] bool logged(const std::string& text) const {
    return std::any_of(lines.begin(), lines.end(), [&](const auto& x) {
      return x.find(text) != std::string::npos;
    });
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

  std::string revive(const std::string& model) {
    auto result = post<atom::ready>(tested, atom::revive_v, model);
    run();
    return result->value ? "done" : result->error;
  }

  void retire(const std::string& key) {
    tell(tested, atom::retire_v, key);
    run();
  }

  std::shared_ptr<status_board> board = std::make_shared<status_board>();
  strings failures;
  /// Each with what follows.
  strings given_up;
  strings lines;
  /// How many of the next workers cannot be spawned.
  int spawn_failures = 0;
  supervisor_actor tested;
  end_ptr end;

private:
  int submitted_ = 0;
};

} // namespace troupe
