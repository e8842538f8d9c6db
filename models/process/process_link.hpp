#pragma once

#include "troupe/models/process/child_process.hpp"
#include "troupe/models/process/line_log.hpp"
#include "troupe/models/process/open_calls.hpp"
#include "troupe/specs/model/worker_slot.hpp"
#include "troupe/specs/worker/messages.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

namespace troupe {

/// A worker process and the calls that it has. One thread, the WORKER's, calls
/// the members; a thread of the link's own watches over the process, and takes
/// the answers that the WORKER's does not wait for itself.
class process_link {
public:
  struct bounds {
    /// For a call that nobody waits for, and for `health`; zero is none.
    std::chrono::milliseconds hang_after{5'000};
    /// Resident memory.
    std::optional<std::size_t> memory_bytes = {};
    /// Whether the process is this program.
    bool trusted = false;
  };

  /// Starts the process.
  /// @param slot `post` is called from the link's thread: with nothing to do
  ///        when a call is over, and with what throws `worker_fatal` when the
  ///        process is lost
  /// @throws std::runtime_error when it cannot be started
  process_link(const child_command& command, const worker_slot& slot,
               bounds limits);

  process_link(const process_link&) = delete;
  process_link& operator=(const process_link&) = delete;

  /// Kills the process if it still runs.
  ~process_link();

  /// Waits until the model is set up, as long as it likes.
  /// @throws std::runtime_error when it could not be set up, or the process
  ///         ended
  worker::hello_message start(const worker::start_message& x);

  /// Hands calls over, for one call of the model.
  void call(std::span<const exchange_ptr> batch, bool streams);

  /// Takes answers on the calling thread until there is none to wait for; after
  /// a few milliseconds the rest is left to the link's own thread. Saves two
  /// hand-overs where answers come soon.
  void take_answers();

  /// How many calls of `call` have exchanges that are not answered.
  [[nodiscard]] std::size_t open() const noexcept {
    return calls_.batches();
  }

  /// Asks how the model is. Returns the answer if it comes in time; while calls
  /// are open, what it said last.
  bool healthy(std::chrono::milliseconds timeout);

  /// Ends a `start` that waits. Safe from every thread.
  void interrupt() noexcept;

  /// Lets the process end, and kills it if it does not in time.
  void stop();

private:
  using time_point = deadline_clock::time_point;

  /// Where its output goes.
  struct outputs {
    line_log out;
    line_log err;
    bool out_open = true;
    bool err_open = true;
  };

  /// What both threads know; guarded by `mutex_`.
  struct shared_state {
    std::optional<worker::hello_message> hello = {};
    /// Why the process is lost; empty while it is not.
    std::string lost = {};
    /// Since when an answer to `health` is awaited.
    std::optional<time_point> health_asked = {};
    bool healthy = true;
    std::optional<time_point> stop_due = {};
    /// Calls come one after the other: no wake-up is needed for the next.
    time_point rests_from = {};
    bool resting = false;
    /// The link's own thread takes the answers.
    bool handed_over = false;
    /// What the WORKER's thread found wrong with what it read.
    std::string broken = {};
  };

  /// What the link's own thread waits for next.
  struct wait {
    std::chrono::milliseconds patience;
    /// Whether for answers, too.
    bool reads;
  };

  void run();
  std::string serve_once(bool& readable);
  void read_output(bool out, bool err);
  bool read_frames(bool all, bool by_worker);
  void handle(const worker::incoming_frame& x, bool by_worker);
  void on_hello(const worker::incoming_frame& x);
  void on_health(const worker::incoming_frame& x);
  void on_log(const worker::incoming_frame& x);
  std::string look();
  wait next_wait();
  bool read_here();
  void hand_over();
  void ask_health();
  void wake() noexcept;
  void kill() noexcept;
  void lose(const std::string& why);
  void post(std::function<void()> f) const;
  void log(log_level level, std::string_view text) const;

  worker_slot slot_;
  std::string label_;
  bounds limits_;
  child_process child_;
  frame_channel channel_;
  unique_fd wake_fd_;
  outputs outputs_;
  open_calls calls_;
  /// Held by the thread that reads the channel.
  std::mutex read_mutex_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  shared_state state_;
  // Of the link's own thread: when to look at everything next, whether somebody
  // else ended the process, and whether the link did.
  time_point next_look_ = {};
  bool from_outside_ = false;
  bool kills_ = false;
  /// Last, so that everything is there for it.
  std::thread thread_;
};

} // namespace troupe
