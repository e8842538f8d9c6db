#pragma once

#include "troupe/specs/model/value_logger.hpp"
#include "troupe/specs/text/log.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace troupe {

/// Brings logged values from the workers to the loggers, on a thread of its
/// own, some milliseconds later. Bounded: a value that finds the queue full is
/// dropped and counted, so that a slow logger never delays a request; as many
/// again may be in the loggers' hands.
class logged_value_queue {
public:
  /// @param bound how long the end waits for the loggers
  logged_value_queue(
    std::vector<std::shared_ptr<value_logger>> loggers, log_sink log,
    std::size_t max_size = 10'000,
    std::chrono::milliseconds bound = std::chrono::milliseconds{2'000});

  /// Hands on what waits, then ends the thread. A logger that takes longer than
  /// the bound keeps the thread, which ends after it and hands on nothing more.
  ~logged_value_queue();

  logged_value_queue(const logged_value_queue&) = delete;
  logged_value_queue& operator=(const logged_value_queue&) = delete;

  /// Takes a value; safe from every thread, never waits for a logger.
  void push(std::string_view model, std::string_view key,
            const nlohmann::json& value);

  /// Returns how many values found the queue full.
  [[nodiscard]] std::uint64_t dropped() const;

private:
  struct item {
    std::string model;
    std::string key;
    nlohmann::json value;
  };

  /// What the thread uses; it lives as long as that does.
  struct shared {
    void run();
    void hand_on(const item& x) const;
    void complain(const std::string& text) const;

    std::vector<std::shared_ptr<value_logger>> loggers;
    log_sink log;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<item> items;
    std::uint64_t dropped = 0;
    bool ending = false;
    bool ended = false;
    /// Nobody waits for the thread any more.
    std::atomic<bool> left{false};
    /// Whether the thread sleeps until there is a value.
    bool waiting = false;
  };

  std::shared_ptr<shared> shared_ = std::make_shared<shared>();
  std::size_t max_size_;
  std::chrono::milliseconds bound_;
  std::thread thread_;
};

} // namespace troupe
