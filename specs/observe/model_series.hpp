#pragma once

#include "troupe/specs/observe/model_counts.hpp"
#include "troupe/specs/observe/thread_slot.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// How full one queue is: written by its owner alone, read by everybody.
struct queue_depth {
  std::atomic<std::size_t> queued{0};
  std::atomic<std::size_t> running{0};
};

/// What is counted when a request, or the call of a model for one, has ended.
struct request_end {
  int status = 0;
  /// From its arrival, for the request of a client.
  std::optional<std::chrono::steady_clock::duration> total = {};
  /// Since a worker took it, if one did and the request is not that of a spec.
  std::optional<std::chrono::steady_clock::duration> predict = {};
  refusal_reason refused = refusal_reason::none;
  cancel_reason cancelled = cancel_reason::none;
};

/// What is counted of one model, under its name: a model that replaces another
/// one goes on with its counts. Made by the status board, which keeps it until
/// the server's end, so that a request may point to it.
///
/// Thread-safe. Each thread counts in a part of its own, made when it counts
/// for the first time; `counts` merges them. One that does not count
/// (`counts_anything`) costs a test.
class model_series {
public:
  using duration = std::chrono::steady_clock::duration;

  explicit model_series(std::string name, bool counts_anything = true);
  model_series(const model_series&) = delete;
  model_series& operator=(const model_series&) = delete;
  ~model_series();

  [[nodiscard]] const std::string& name() const noexcept {
    return name_;
  }

  [[nodiscard]] bool counts_anything() const noexcept {
    return on_;
  }

  /// A request ended, or the call that a spec ordered for one.
  void ended(const request_end& x) noexcept;

  /// The server answered a request itself.
  void answered(int status, refusal_reason why) noexcept;

  /// Notes how many requests a worker took at once.
  void batch(std::size_t size) noexcept;

  /// Notes how long a request had waited when a worker took it.
  void waited(duration x) noexcept;

  /// Notes the time from a request's arrival to the first item of its answer.
  void first_item(duration x) noexcept;

  void between_items(duration x) noexcept;

  /// Adds to the tokens.
  void tokens(token_counts more) noexcept;

  /// A worker is started again.
  void restart() noexcept;

  /// Returns the depth of another queue of the model. It counts as long as
  /// somebody else has it, who may outlive this. Safe on any thread.
  std::shared_ptr<queue_depth> new_queue();

  [[nodiscard]] model_counts counts() const;

private:
  struct part;
  template <class F>
  void count(F&& f) noexcept;
  part* part_of(std::size_t slot) noexcept;

  std::string name_;
  bool on_;
  std::array<std::atomic<part*>, thread_slots + 1> parts_{};
  /// A list that only grows, by as many as there are queues at once.
  struct queue_node;
  /// @param made goes into the list, when none of it is free
  std::shared_ptr<queue_depth>
  add_queue(std::unique_ptr<queue_node>& made) noexcept;
  std::atomic<queue_node*> queues_{nullptr};
  /// Held by the one that looks for a free one, or adds to it.
  std::atomic_flag adding_ = ATOMIC_FLAG_INIT;
};

} // namespace troupe
