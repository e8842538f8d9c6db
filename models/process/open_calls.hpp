#pragma once

#include "troupe/models/process/frame_channel.hpp"
#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/hook_events.hpp"
#include "troupe/specs/model/worker_slot.hpp"
#include "troupe/specs/worker/messages.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

/// The calls that a worker process has, from the frame that hands them over to
/// the one that ends them: gives its answers to the exchanges, bounds its
/// streams by credit, and tells it of calls that nobody waits for any more. The
/// WORKER's thread adds, the thread that reads the channel does the rest.
class open_calls {
public:
  using time_point = deadline_clock::time_point;

  /// @param slot whose callbacks are told when a call begins and ends
  /// @param trusted whether the process is this program, whose JSON need not be
  ///        checked
  /// @param complain takes what is for the log
  open_calls(frame_channel& channel, const worker_slot& slot, bool trusted,
             std::function<void(std::string)> complain)
    : channel_(&channel),
      slot_(&slot),
      trusted_(trusted),
      complain_(std::move(complain)) {
    // nop
  }

  /// Takes the calls of one frame in. @returns their ids, in order
  std::vector<std::uint64_t> add(std::span<const exchange_ptr> batch);

  /// How many frames have calls that are not ended.
  [[nodiscard]] std::size_t batches() const noexcept {
    return batches_.load(std::memory_order_acquire);
  }

  // -- what the process says --------------------------------------------------

  /// @throws worker::protocol_error
  void on_item(const worker::incoming_frame& x);
  /// @throws worker::protocol_error
  void on_finish(const worker::incoming_frame& x);
  /// @throws worker::protocol_error
  void on_fail(const worker::incoming_frame& x);

  // -- now and then -----------------------------------------------------------

  /// Sends what is due: `cancel`, `credit`.
  /// @returns for how long the oldest call has run that nobody waits for
  deadline_clock::duration look(time_point now);

  /// Whether a reader that is behind is to be asked again soon.
  [[nodiscard]] bool owes_credit() const noexcept {
    return owes_credit_.load(std::memory_order_relaxed);
  }

private:
  struct entry {
    exchange_ptr ex;
    open_predict predict = {};
    /// Shared by the calls of one frame: how many of them are open.
    std::shared_ptr<std::size_t> batch;
    /// How many items may still come before a `credit`.
    std::uint64_t credit = worker::initial_credit;
    bool owes_credit = false;
    std::optional<time_point> unwanted_since = {};
    bool cancel_sent = false;
  };

  entry& at(std::uint64_t id);
  exchange_ptr exchange_of(std::uint64_t id);
  void end(std::uint64_t id);
  void give_credit(std::uint64_t id, entry& x);

  frame_channel* channel_;
  const worker_slot* slot_;
  bool trusted_;
  std::function<void(std::string)> complain_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, entry> entries_;
  std::uint64_t last_id_ = 0;
  std::atomic<std::size_t> batches_{0};
  std::atomic<bool> owes_credit_{false};
};

} // namespace troupe
