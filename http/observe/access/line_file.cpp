#include "troupe/http/observe/access/line_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <stdexcept>
#include <string.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace troupe {

namespace {

std::string text_of_errno(int code) {
  return std::generic_category().message(code);
}

std::string why_not(int code) {
  return code == ENXIO ? "nobody reads this pipe; start its reader first"
                       : text_of_errno(code);
}

} // namespace

line_file::line_file(std::string name)
  : name_(std::move(name)), fd_(STDOUT_FILENO) {
  if (name_.empty())
    return;
  fd_ = open_by_name();
  if (fd_ < 0)
    throw std::runtime_error("cannot open \"" + name_
                             + "\" for lines: " + why_not(errno));
}

line_file::~line_file() {
  if (!name_.empty())
    ::close(fd_);
}

int line_file::open_by_name() const noexcept {
  constexpr auto mode = S_IRUSR | S_IWUSR | S_IRGRP;
  // A named pipe that nobody reads would hold the caller up for ever.
  const auto fd =
    ::open(name_.c_str(),
           O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, mode);
  if (fd >= 0)
    ::fcntl(fd, F_SETFL, O_APPEND);
  return fd;
}

std::size_t line_file::write(std::string_view lines) {
  error_.clear();
  std::string apart;
  if (in_line_ && !lines.empty()) {
    apart = "\n";
    apart += lines;
    lines = apart;
  }
  while (!lines.empty()) {
    const auto n = ::write(fd_, lines.data(), lines.size());
    if (n > 0) {
      in_line_ = lines[static_cast<std::size_t>(n) - 1] != '\n';
      lines.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    const auto code = n < 0 ? errno : ENOSPC;
    if (code == EINTR)
      continue;
    if (code == EAGAIN) {
      // Somebody has set the pipe to non-blocking.
      pollfd fd{fd_, POLLOUT, 0};
      ::poll(&fd, 1, -1);
      continue;
    }
    error_ = text_of_errno(code);
    return static_cast<std::size_t>(
      std::count(lines.begin(), lines.end(), '\n'));
  }
  return 0;
}

std::string line_file::reopen() {
  if (name_.empty())
    return {};
  const auto next = open_by_name();
  if (next < 0)
    return "cannot open \"" + name_ + "\" again: " + why_not(errno);
  ::close(std::exchange(fd_, next));
  in_line_ = false;
  return {};
}

} // namespace troupe
