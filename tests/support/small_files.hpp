#pragma once

#include <csignal>
#include <cstddef>
#include <sys/resource.h>

namespace troupe {

/// Lets no file of this process grow beyond a size, as if the disk were full.
class small_files {
public:
  explicit small_files(std::size_t bytes)
    : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }

  small_files(const small_files&) = delete;
  small_files& operator=(const small_files&) = delete;

  ~small_files() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

private:
  void (*handler_)(int);
  rlimit before_{};
};

} // namespace troupe
