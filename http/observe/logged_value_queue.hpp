#pragma once

#include "troupe/specs/model/value_logger.hpp"
#include "troupe/specs/text/log.hpp"

#include <condition_variable>
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
  logged_value_queue(std::vector<std::shared_ptr<value_logger>> loggers,
                     log_sink log, std::size_t max_size = 10'000);

  /// Hands on what waits, then ends the thread.
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

  void run();
  void hand_on(const item& x) const;

  std::vector<std::shared_ptr<value_logger>> loggers_;
  log_sink log_;
  std::size_t max_size_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<item> items_;
  std::uint64_t dropped_ = 0;
  bool ending_ = false;
  /// Whether the thread sleeps until there is a value.
  bool waiting_ = false;
  std::thread thread_;
};

} // namespace troupe
