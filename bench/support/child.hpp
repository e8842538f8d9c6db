#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <sys/types.h>

namespace troupe::bench {

/// Resident memory of a process now, in bytes.
std::size_t resident_bytes(pid_t pid);

/// CPU time of a process so far, all threads, in microseconds.
/// @throws std::runtime_error when it has ended
double cpu_us_of(pid_t pid);

/// A server in a process of its own, so that its CPU time and its memory are
/// not the load generator's. Made while this process has one thread; killed at
/// the end.
class child {
public:
  /// @param serve prints `port N` once it listens, and never returns.
  /// @throws std::runtime_error when it does not start.
  explicit child(const std::function<void()>& serve);

  child(const child&) = delete;
  child& operator=(const child&) = delete;

  ~child();

  /// CPU time so far, all threads, in microseconds.
  [[nodiscard]] double cpu_us() const {
    return cpu_us_of(pid_);
  }

  /// Resident memory now, in bytes.
  [[nodiscard]] std::size_t resident_bytes() const {
    return bench::resident_bytes(pid_);
  }

  std::uint16_t port = 0;

private:
  pid_t pid_ = -1;
  int stdin_ = -1;
};

} // namespace troupe::bench
