#pragma once

#include "troupe/http/change_refused.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace troupe {

/// A change on its way. Whoever ordered it may wait for it or not. Thread-safe.
class ordered_change {
public:
  /// @returns whether it is over
  bool wait_for(std::chrono::milliseconds timeout) const;

  /// Returns what it answered. @pre it is over. @throws what it threw
  [[nodiscard]] nlohmann::json result() const;

private:
  friend class change_runner;

  void end(nlohmann::json answer, std::exception_ptr failure);

  std::string what_;
  std::function<nlohmann::json()> run_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool over_ = false;
  nlohmann::json answer_;
  std::exception_ptr failure_;
};

/// Runs changes that come from handlers, signals and watchers, one after the
/// other, on a thread of its own: they wait for actors, which may need the
/// thread of the caller. The thread is made for the first of them. Thread-safe.
class change_runner {
public:
  /// How many changes may wait while one runs.
  static constexpr std::size_t max_waiting = 1;

  change_runner() = default;
  ~change_runner();

  change_runner(const change_runner&) = delete;
  change_runner& operator=(const change_runner&) = delete;

  /// Queues a change. What it throws reaches those who ask for its result.
  /// @param what the change, for those that are refused meanwhile
  /// @throws change_refused when too many wait, or after `stop`
  std::shared_ptr<ordered_change> order(std::string what,
                                        std::function<nlohmann::json()> run);

  /// Refuses what waits and what comes, and waits for the change that runs. One
  /// that does not end in time keeps its thread, which ends after it.
  /// @returns whether the thread has ended
  bool stop(std::chrono::milliseconds patience = longest_change);

private:
  /// For a change that waits for actors, each of which answers in time.
  static constexpr std::chrono::milliseconds longest_change{60'000};

  /// What the thread uses; it lives as long as that does.
  struct shared {
    void work();

    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::shared_ptr<ordered_change>> waiting;
    std::string current;
    bool stopping = false;
    bool ended = false;
  };

  void start_locked();

  std::shared_ptr<shared> shared_ = std::make_shared<shared>();
  std::thread thread_;
};

} // namespace troupe
