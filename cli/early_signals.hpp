#pragma once

#include <signal.h>
#include <thread>

namespace troupe {

/// The signals of the program from the first statement of `main` on, before
/// `server::run` takes them. SIGTERM, SIGINT, SIGHUP and SIGUSR1 wait, in
/// every thread, until somebody decides what they mean. One at a time in a
/// process, made before any other thread.
class early_signals {
public:
  /// Makes the signals wait.
  early_signals();

  /// Keeps them waiting, so that none interrupts the end of the process.
  ~early_signals();

  early_signals(const early_signals&) = delete;
  early_signals& operator=(const early_signals&) = delete;

  /// For commands that a signal simply ends: signals that wait take effect, and
  /// everything is as the process found it.
  void release();

  /// For the command that serves, before it reads anything: until `hand_over`
  /// SIGTERM and SIGINT end the process at once and in order, with 0, as
  /// nothing was taken yet. From here on a write to a pipe without a reader or
  /// past the limit of a file's size is an error and not the end of the
  /// process.
  void watch();

  /// Hands the signals over to `server::run`; call it right before.
  void hand_over();

private:
  sigset_t ours_{};
  sigset_t before_{};
  /// Ends the thread.
  int end_ = -1;
  std::thread thread_;
};

} // namespace troupe
