#pragma once

#include "troupe/specs/text/log.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace troupe {

/// Something that happens once and stays so. Thread-safe.
class notification {
public:
  void notify() {
    std::unique_lock guard{mutex_};
    happened_ = true;
    changed_.notify_all();
  }

  void wait() {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [this] { return happened_; });
  }

  /// Lets time pass.
  void sleep(std::chrono::milliseconds d) {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, d, [] { return false; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool happened_ = false;
};

/// What a signal asks for.
enum class signal_order : std::uint8_t {
  /// Finish what was taken, then end.
  stop,
  /// Nothing new: it is stopping already.
  none,
  /// End without finishing anything.
  end_now,
  /// Read the config again.
  reload,
  /// Open the files of logs again.
  reopen,
};

/// What the signals of a program mean, one after the other. A repeated SIGTERM
/// changes nothing, for service managers send it to a process and to its group,
/// and SIGKILL is there for those that mean it. Only a person at a terminal is
/// taken to insist: a SIGINT at least a second after the first one. A value,
/// not thread-safe.
class signal_rules {
public:
  using clock = std::chrono::steady_clock;

  /// Between the first SIGINT and one that ends the program at once.
  static constexpr std::chrono::seconds insisting{1};

  /// Takes SIGTERM, SIGINT, SIGHUP or SIGUSR1. `now` must not go back.
  signal_order on(int number, clock::time_point now) noexcept;

private:
  bool stopping_ = false;
  std::optional<clock::time_point> interrupted_;
};

/// While it lives, SIGTERM and SIGINT notify as `signal_rules` has it, and
/// SIGHUP calls for a reload, or is answered with a warning; SIGUSR1 opens the
/// files of logs again; whoever insists ends the process at once with 128 + the
/// number. SIGHUP stays ignored where it was, as under `nohup`. The thread of
/// this object takes the signals also where all others block them. At the end
/// everything is as it was. For programs only: embedded servers never make one.
class signal_wait {
public:
  /// @param before_exit called before the process is ended at once
  /// @param on_reload what SIGHUP does; may throw, must not take long
  /// @param reopen opens the files of logs again; @returns whether there are
  /// any
  signal_wait(notification& target, log_sink log,
              std::function<void()> before_exit = {},
              std::function<void()> on_reload = {},
              std::function<bool()> reopen = {});
  ~signal_wait();

  signal_wait(const signal_wait&) = delete;
  signal_wait& operator=(const signal_wait&) = delete;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

/// While it lives, a write to a pipe without a reader or past the limit of a
/// file's size (SIGPIPE, SIGXFSZ) is an error and not the end of the process,
/// unless the program handles these signals itself. For programs only.
class quiet_writes {
public:
  quiet_writes();
  ~quiet_writes();

  quiet_writes(const quiet_writes&) = delete;
  quiet_writes& operator=(const quiet_writes&) = delete;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace troupe
