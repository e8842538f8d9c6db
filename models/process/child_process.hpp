#pragma once

#include "troupe/models/process/frame_channel.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace troupe {

/// How to start a process that speaks the worker protocol.
struct child_command {
  /// The program and its arguments; a program without `/` is looked for in
  /// PATH.
  std::vector<std::string> argv = {};
  /// A descriptor that it gets as 4, or -1; stays the caller's.
  int extra_fd = -1;
  /// Where it runs; empty for where the server does.
  std::string directory = {};
  /// Set above the server's environment.
  std::map<std::string, std::string> env = {};
  /// Added to the server's niceness.
  int nice = 0;
  /// Processors that it may run on; empty for all.
  std::vector<unsigned> cpus = {};
};

/// Returns the file of a program; one without `/` is looked for in PATH.
/// @throws std::runtime_error when it is not there
std::string file_of(const std::string& program);

/// A child of this process, from its start until it is reaped. Its standard
/// input is empty; its standard output and error are pipes; it ignores SIGINT,
/// SIGTERM and SIGHUP, which are for the server; it dies with the thread that
/// started it.
class child_process {
public:
  /// How a child ended.
  struct end {
    /// For the log: `exit status 3`, `signal 11 (SIGSEGV)`.
    std::string text = {};
    bool clean = false;
    /// Whether it was killed from outside, not ended by a fault of its own.
    bool killed = false;
  };

  /// @throws std::runtime_error that says why it cannot be started
  explicit child_process(const child_command& x);

  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// Kills it if it still runs.
  ~child_process();

  [[nodiscard]] pid_t pid() const noexcept {
    return pid_;
  }

  /// Our end of its connection; moved out once.
  [[nodiscard]] unique_fd take_socket() noexcept {
    return std::move(socket_);
  }

  [[nodiscard]] const unique_fd& out() const noexcept {
    return out_;
  }

  [[nodiscard]] const unique_fd& err() const noexcept {
    return err_;
  }

  /// Becomes readable when it has ended.
  [[nodiscard]] int end_fd() const noexcept {
    return pidfd_.get();
  }

  /// Sends SIGKILL. Safe from every thread, also when it has ended.
  void kill() noexcept;

  /// Returns whether it was stopped, as by SIGSTOP.
  [[nodiscard]] bool stopped() noexcept;

  /// Returns how it ended, if it has; reaps it the first time.
  [[nodiscard]] const std::optional<end>& ended() noexcept;

  /// Returns what it takes in memory at present, in bytes; 0 when it is gone.
  [[nodiscard]] std::size_t resident_bytes() const;

private:
  pid_t pid_ = -1;
  unique_fd pidfd_;
  unique_fd socket_;
  unique_fd out_;
  unique_fd err_;
  std::optional<end> end_;
};

} // namespace troupe
