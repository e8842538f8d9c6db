#pragma once

#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/actors/spec/running_calls.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Checks what a spec made itself; what models make is checked by their loops.
/// @throws std::domain_error for a number that JSON cannot express
payload finite(payload x);
reply finite(reply answer);

/// Where the calls that a handler ordered for one request begin and meet. Kept
/// by the exchanges of its calls. Thread-safe but for the constructor.
class call_join : public std::enable_shared_from_this<call_join> {
public:
  /// Orders the calls of a handler: answers 404 when there is no such model.
  /// @param known gets those that have a name
  /// @param host the calling thread's unit, or null; see `dispatch`
  static void order(model_calls calls, snapshot_ptr table,
                    const exchange_ptr& ex, const log_sink& log,
                    running_calls& known, execution_unit* host);

  call_join(model_calls calls, snapshot_ptr table, exchange_ptr outer,
            log_sink log);

  // -- for the exchanges of the calls -----------------------------------------

  /// The request that the calls are for.
  [[nodiscard]] exchange& outer() noexcept {
    return *outer_;
  }

  /// Whether the answers are joined; otherwise there is one call, and its
  /// answer is that of the request.
  [[nodiscard]] bool joins() const noexcept {
    return static_cast<bool>(join_);
  }

  /// Whether a model's own error answer counts as a failure of the request.
  [[nodiscard]] bool errors_are_failures() const noexcept {
    return joins() || renders_failures_;
  }

  /// Takes the answer of a call; the last one ends the request.
  void finish(std::size_t index, reply answer);

  /// Ends the request. The other calls, and a model that goes on, hear of it.
  void fail(failure why);

  /// Ends one call with `errc::cancelled`, also one that has not begun.
  /// @returns whether it was open
  bool stop(std::size_t index);

  /// Makes a failure of the exception in flight, and logs what the client must
  /// not read.
  /// @pre called inside a catch block.
  failure caught();

private:
  /// How far one call is.
  struct progress {
    std::weak_ptr<exchange> inner;
    bool begun = false;
    bool stopped = false;
  };

  /// Looks up the models of all calls. @returns the name of one that is missing
  /// and whose call does not recover
  std::optional<std::string> find_targets();
  /// What the longest of the calls may take.
  [[nodiscard]] handover to_models() const;
  void enter_names(running_calls& known);
  /// Marks the call as begun. @returns whether it was stopped before
  bool publish(std::size_t index, const exchange_ptr& inner);
  /// Begins calls until as many are open as may be. One thread does so at a
  /// time; it also begins what there is room for meanwhile.
  void begin(execution_unit* host);
  bool start_call(std::size_t index, execution_unit* host);
  std::optional<std::size_t> take_next();
  void begun(bool at_pool);
  bool has_begun();
  bool postpone();

  exchange_ptr outer_;
  log_sink log_;
  std::function<reply(std::vector<reply>)> join_;
  bool renders_failures_ = false;
  /// Keeps the targets.
  snapshot_ptr table_;
  /// One for each call.
  std::vector<const route_target*> targets_;
  /// Makes the pools drop what nobody wants any more.
  std::function<void()> sweep_;
  /// Used by the thread that begins calls.
  std::vector<model_call> orders_;
  /// Of the calls with names.
  std::vector<running_calls::place> places_;
  /// How many are open at once.
  std::size_t at_once_ = 1;

  std::mutex mutex_;
  /// One for each call.
  std::vector<progress> progress_;
  std::vector<reply> answers_;
  std::size_t missing_ = 0;
  /// The first call that has not begun.
  std::size_t next_ = 0;
  std::size_t open_ = 0;
  /// Whether a thread begins one.
  bool beginning_ = false;
  /// Whether a pool has taken a call.
  bool any_begun_ = false;
};

} // namespace troupe
