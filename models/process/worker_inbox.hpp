#pragma once

#include "troupe/models/process/frame_channel.hpp"
#include "troupe/models/process/hosted_exchange.hpp"
#include "troupe/specs/worker/messages.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

namespace troupe {

/// What comes to a worker process. The model's thread takes it; while that is
/// in the model for a while, a second thread reads, so that the process notices
/// a cancelled request, and ends with its server. A short call needs no
/// hand-over between the two.
class worker_inbox {
public:
  /// What there is to do.
  struct work {
    /// Each for one call of the model.
    std::vector<std::vector<exchange_ptr>> calls = {};
    std::vector<std::function<void()>> jobs = {};
    bool health = false;
    bool stop = false;
  };

  explicit worker_inbox(frame_channel& channel);
  worker_inbox(const worker_inbox&) = delete;
  worker_inbox& operator=(const worker_inbox&) = delete;
  ~worker_inbox();

  /// Waits for the first frame.
  /// @returns nothing at the end of the stream
  /// @throws worker::protocol_error when it is not a `start`
  std::optional<worker::start_message> wait_for_start();

  /// Waits for something to do.
  /// @param timeout nothing means for ever
  /// @throws worker::protocol_error
  work take(std::optional<std::chrono::milliseconds> timeout);

  /// Lets the model's thread run this. Safe from every thread.
  void post(std::function<void()> f);

  /// The model's thread is in the model.
  class busy_time {
  public:
    explicit busy_time(worker_inbox& inbox);
    busy_time(const busy_time&) = delete;
    busy_time& operator=(const busy_time&) = delete;
    ~busy_time();

  private:
    worker_inbox* inbox_;
  };

private:
  void watch();
  void set_timer(std::chrono::nanoseconds after) const noexcept;
  /// Reads and handles what is there, without a wait.
  /// @pre the read lock is held
  /// @returns false at the end of the stream
  bool read();
  void handle(const worker::incoming_frame& x);
  std::shared_ptr<hosted_exchange> find(std::uint64_t id);

  frame_channel* channel_;
  unique_fd wake_fd_;
  unique_fd timer_fd_;
  unique_fd watch_end_fd_;

  /// Held by the thread that reads the channel.
  std::mutex read_mutex_;
  /// Of the rest.
  std::mutex mutex_;
  work pending_;
  bool ended_ = false;
  std::unordered_map<std::uint64_t, std::weak_ptr<hosted_exchange>> open_;

  std::atomic<bool> busy_{false};
  std::atomic<bool> watching_{false};
  std::atomic<bool> quits_{false};
  std::thread watcher_;
};

} // namespace troupe
