#pragma once

#include "troupe/actors/pipeline/pipeline_fork.hpp"
#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/specs/pipeline/pipeline.hpp"

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace troupe {

class step_exchange;

/// What the runs of one pipeline share.
struct pipeline_setting {
  /// Of the pipeline.
  std::string name = {};
  std::shared_ptr<const pipeline> steps = {};
  log_sink log = no_log();
  /// Told of a call whose model has less time than the request: it has to be
  /// given up in time. Callable on any thread.
  std::function<void(const exchange_ptr&)> watch = {};
  /// Called when a run is over. Callable on any thread.
  std::function<void()> ended = {};
};

/// One request on its way through a pipeline. No thread waits for it: each
/// model that answers lets it go on, on the thread that answered. Kept by the
/// exchanges of its calls.
class pipeline_run final : public pipeline_source,
                           public std::enable_shared_from_this<pipeline_run> {
public:
  /// Begins with the first step.
  /// @param host the calling thread's unit, or null; see `dispatch`
  static void start(std::shared_ptr<const pipeline_setting> setting,
                    snapshot_ptr table, exchange_ptr ex, execution_unit* host);

  pipeline_run(std::shared_ptr<const pipeline_setting> setting,
               snapshot_ptr table, exchange_ptr ex)
    : setting_(std::move(setting)),
      table_(std::move(table)),
      outer_(std::move(ex)) {
    // nop
  }

  ~pipeline_run() override;

  [[nodiscard]] const troupe::request& request() const override {
    return outer_->request;
  }

  [[nodiscard]] const nlohmann::json& input() const override;

  // -- for the exchanges of the calls -----------------------------------------

  [[nodiscard]] exchange& outer() noexcept {
    return *outer_;
  }

  /// A model has answered a call.
  void answered(const pipeline_place_ptr& at, reply answer);

  /// A call has failed: the step recovers, or the request fails.
  /// @param reason why it was refused, if it was
  void failed(const pipeline_place_ptr& at, failure why,
              refusal_reason reason = refusal_reason::none);

private:
  friend class pipeline_fork;

  /// Goes on until it waits for a model or is over.
  void go(pipeline_place_ptr at, execution_unit* host);
  void advance(pipeline_place_ptr at, execution_unit* host);
  /// @returns whether the step is done
  bool call(const pipeline_place_ptr& at, const pipeline_step& step,
            execution_unit* host);
  bool fork(const pipeline_place_ptr& at, const pipeline_step& step,
            execution_unit* host);
  /// The place after the last step of `at`, or null when the request is over or
  /// others have to end first.
  pipeline_place_ptr leave(pipeline_place_ptr at);
  std::shared_ptr<step_exchange> make_call(const pipeline_place_ptr& at,
                                           const pipeline_step& step,
                                           const route_target* target);
  void finish(pipeline_value x);
  void give_up(const pipeline_place& at, failure why,
               refusal_reason reason = refusal_reason::none);
  /// The exception in flight, as a failure.
  failure caught(const pipeline_place& at);
  /// Makes the pools drop what nobody wants any more.
  void sweep();

  std::shared_ptr<const pipeline_setting> setting_;
  /// Keeps the targets.
  snapshot_ptr table_;
  exchange_ptr outer_;
  mutable std::once_flag read_;
  mutable nlohmann::json input_;
  mutable std::exception_ptr unreadable_;
};

/// Makes the pools of a pipeline's models drop what nobody wants any more.
void sweep_models(const pipeline& of, const routing_snapshot& table,
                  std::uint32_t shard);

} // namespace troupe
