#include "troupe/models/process/line_log.hpp"

#include <array>
#include <cerrno>
#include <unistd.h>
#include <utility>

namespace troupe {

namespace {

/// A longer line is cut into several.
constexpr std::size_t longest_line = 8'192;

} // namespace

line_log::line_log(log_sink log, log_level level, std::string prefix)
  : log_(std::move(log)), level_(level), prefix_(std::move(prefix)) {
  // nop
}

bool line_log::read(int fd) {
  std::array<char, 16'384> buffer;
  auto n = ::read(fd, buffer.data(), buffer.size());
  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  if (n == 0)
    return false;
  std::string_view left{buffer.data(), static_cast<std::size_t>(n)};
  while (!left.empty()) {
    const auto end = left.find('\n');
    begun_ += left.substr(0, end);
    if (end == std::string_view::npos)
      break;
    finish();
    left.remove_prefix(end + 1);
  }
  while (begun_.size() > longest_line) {
    log(std::string_view{begun_}.substr(0, longest_line));
    begun_.erase(0, longest_line);
  }
  return true;
}

void line_log::finish() {
  if (!begun_.empty() && begun_.back() == '\r')
    begun_.pop_back();
  if (!begun_.empty())
    log(begun_);
  begun_.clear();
}

void line_log::log(std::string_view line) const {
  log_(level_, std::string{prefix_}.append(line));
}

} // namespace troupe
