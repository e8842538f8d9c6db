#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace troupe {

/// Looks again and again whether something has changed, on a thread of its own.
/// Thread-safe.
class config_watch {
public:
  /// @param known how things were when they were read
  /// @param stamp says how things are; a different text means a change
  /// @param on_change called when a change is over: when the stamp differs from
  ///                  the known one and was the same in two looks. Both must
  ///                  not throw
  /// @throws std::system_error when no thread can be started
  config_watch(std::chrono::milliseconds interval, std::string known,
               std::function<std::string()> stamp,
               std::function<void()> on_change);

  /// Ends soon: a call that runs is waited for.
  ~config_watch();

  config_watch(const config_watch&) = delete;
  config_watch& operator=(const config_watch&) = delete;

private:
  void work();

  std::chrono::milliseconds interval_;
  std::string known_;
  std::function<std::string()> stamp_;
  std::function<void()> on_change_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

} // namespace troupe
