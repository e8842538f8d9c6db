#pragma once

#include "troupe/actors/cache/answer_store.hpp"
#include "troupe/actors/cache/cache_control.hpp"
#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/sharded.hpp"
#include "troupe/actors/status/model_state.hpp"
#include "troupe/specs/model/cache_options.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe {

class shared_call;

/// The model behind a cache.
struct cached_model {
  sharded<queue_actor> pool = {};
  std::shared_ptr<troupe::admission> admission = {};
  std::shared_ptr<model_state> state = {};
  time_limits limits = {};
  /// As `route_target::lease`: calls that go on after a change of the table
  /// keep the model's actors.
  std::shared_ptr<const void> lease = {};
};

/// Stands before the pool of one model: answers a request with what the model
/// answered to an equal one, and lets requests that are equal wait for one
/// call. Thread-safe.
class response_cache : public std::enable_shared_from_this<response_cache> {
public:
  using time_point = deadline_clock::time_point;

  response_cache(cache_options options, cached_model model,
                 std::shared_ptr<cache_counters> counters);
  ~response_cache();

  response_cache(const response_cache&) = delete;
  response_cache& operator=(const response_cache&) = delete;

  /// Answers a request, lets it wait for an equal one, or sends it to the
  /// model. The caller has already checked that the client may call the model.
  /// @param host as in `dispatch`, as is `above`
  /// @returns the refusal, and leaves the exchange, unanswered; or nothing, and
  ///          takes it.
  std::optional<failure> ask(exchange_ptr& ex, execution_unit* host,
                             std::size_t above = 0);

  /// Sets the time that calls have from now on.
  void limits(const time_limits& x);

private:
  friend class shared_call;
  using call_ptr = std::shared_ptr<shared_call>;
  using waiters = std::vector<exchange_ptr>;

  /// Sends to the model itself.
  std::optional<failure> send(exchange_ptr& ex, execution_unit* host,
                              std::size_t above);
  /// Where a request goes: to an answer, to a call that it has joined, or to a
  /// call of its own.
  struct place {
    answer_store::answer_ptr answer = {};
    bool joined = false;
    /// Whether the model has begun the call that the request joined.
    bool begun = false;
    call_ptr call = {};
  };
  /// @param ex is taken, unless there is an answer
  place find_place(const std::string& key, const cache_control& how,
                   exchange_ptr& ex, time_point now);
  /// Where requests of the model are counted, or null.
  [[nodiscard]] model_series* series() const noexcept {
    return model_.state != nullptr ? model_.state->series() : nullptr;
  }
  /// Makes a call for requests that are equal.
  /// @pre the mutex is held
  call_ptr make_call(const std::string& key, waiters all, bool joinable);
  /// Sends a call. @returns the refusal, and the exchanges in `all`
  std::optional<failure> begin(const call_ptr& call, waiters& all,
                               execution_unit* host, std::size_t above);
  /// Lets the others begin a call of their own after the first of them failed.
  void begin_again(const std::string& key, waiters others);
  /// @pre the mutex is held
  answer_store::answer_ptr find(const std::string& key,
                                const cache_control& how, time_point now);
  /// Takes a call out of the list of those that may be joined.
  /// @pre the mutex is held
  void forget(const shared_call& x);

  cache_options options_;
  cached_model model_;
  std::shared_ptr<cache_counters> counters_;

  /// Guards the model's limits, too.
  std::mutex mutex_;
  answer_store store_;
  /// Calls in work that may be joined, by key. They keep the cache, and leave
  /// this before they go.
  std::unordered_map<std::string, shared_call*> calls_;
  /// Requests that wait for a call which another one began.
  std::size_t waiting_ = 0;
};

/// Makes the reply to one client from a kept answer: a document if the client
/// cannot take JSON as text.
reply reply_of(const kept_answer& x, const exchange& to, int status);

/// Makes the cache of a model, if it has one.
std::shared_ptr<response_cache> make_cache(const cache_options& options,
                                           cached_model model);

} // namespace troupe
