#pragma once

#include "troupe/actors/status/model_state.hpp"
#include "troupe/actors/status/traffic_counters.hpp"
#include "troupe/specs/exchange/span.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

/// Where the server is in its life.
enum class server_phase : std::uint8_t { starting, serving, draining, stopped };

std::string_view to_string(server_phase x) noexcept;

/// The truth about a server's health, in one place. Thread-safe.
class status_board {
public:
  /// Called when a model on the board is given up whose escalation ends the
  /// server, and when the server itself has failed. Set before the board is
  /// shared.
  std::function<void(const std::string&)> on_failure = {};

  /// Called before that for every model on the board that is given up.
  std::function<void(const given_up_model&)> on_give_up = {};

  /// @param counts_models whether `series` count
  explicit status_board(bool counts_models = true)
    : unowned(std::string{}, counts_models) {
    // nop
  }

  traffic_counters traffic = {};

  /// Takes the spans of calls from elsewhere; null when none are recorded. Set
  /// before the start.
  std::shared_ptr<span_sink> spans = {};

  /// What is counted of requests that no model answers.
  model_series unowned;

  /// Returns what is counted under the name of a model, from now on the same
  /// for every model of this name. It lives as long as the board.
  model_series& series(std::string_view model);

  /// Returns every one, in the order of their making.
  [[nodiscard]] std::vector<const model_series*> all_series() const;

  void add(std::shared_ptr<model_state> state);
  void remove(const std::shared_ptr<model_state>& state);

  /// Puts a state in the place of another one, at once.
  void replace(const std::shared_ptr<model_state>& old,
               std::shared_ptr<model_state> state);

  /// Waits until a state is ready or failed, also one that the board does not
  /// have yet, or until the server stops.
  /// @returns nothing when it is ready, else why it is not
  std::optional<std::string> wait_for(const model_state& state,
                                      std::chrono::milliseconds timeout) const;

  void phase(server_phase x);
  [[nodiscard]] server_phase phase() const;

  /// Records a change of a model; `detail` is the reason, for the log and
  /// for operators, `reason` what everybody may read of it.
  void update(model_state& state, model_phase phase, std::size_t ready_workers,
              const std::string& detail = {}, const std::string& reason = {});

  /// Records how many workers a model should have and may have, and why.
  void scaled(model_state& state, std::size_t workers, worker_range range,
              const std::string& why);

  /// Records how many workers of a model do not come back.
  void stuck(model_state& state, std::size_t workers);

  /// The server cannot work any more, whatever its models do: it is not ready
  /// until its end, and `on_failure` is called.
  void fail(const std::string& reason);

  /// Records what a worker's model said about itself last.
  void health(model_state& state, std::uint32_t worker_index, bool healthy);

  void count_restart(model_state& state) noexcept {
    state.restarts_.fetch_add(1, std::memory_order_relaxed);
    if (auto* x = state.series())
      x->restart();
  }

  /// Whether the server serves and no model holds it up: every required one is
  /// ready and healthy, and no model was given up whose escalation makes the
  /// server unready.
  [[nodiscard]] bool ready() const;

  /// What a probe may tell: `ready`, or each reason why not.
  [[nodiscard]] std::string explain() const;

  /// What is wrong without making the server unready, a line for each model: a
  /// failed model that is not required, workers that are missing.
  [[nodiscard]] std::string notes() const;

  /// Waits until `ready`, until a model is given up without which the server is
  /// not ready, or for `timeout`.
  bool wait_ready(std::chrono::milliseconds timeout) const;

  [[nodiscard]] std::vector<std::shared_ptr<model_state>> models() const;

private:
  [[nodiscard]] bool ready_locked() const;
  [[nodiscard]] bool failed_locked() const;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  server_phase phase_ = server_phase::starting;
  /// Why the server has failed, or "".
  std::string failure_;
  std::vector<std::shared_ptr<model_state>> models_;
  std::vector<std::unique_ptr<model_series>> series_;
  /// By their names, which they keep.
  std::unordered_map<std::string_view, model_series*> series_by_name_;
};

} // namespace troupe
