#include "troupe/specs/text/log.hpp"

#include "troupe/specs/text/log_text.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace troupe {

std::string log_line(std::chrono::system_clock::time_point when,
                     log_level level, std::string_view text) {
  using namespace std::chrono;
  constexpr std::array<const char*, 4> names{"debug", "info", "warning",
                                             "error"};
  auto ms = duration_cast<milliseconds>(when.time_since_epoch()).count() % 1000;
  auto seconds = system_clock::to_time_t(when);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> stamp{};
  auto n =
    std::strftime(stamp.data(), stamp.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string result(stamp.data(), n);
  std::snprintf(stamp.data(), stamp.size(), ".%03dZ ", static_cast<int>(ms));
  result += stamp.data();
  result += names[static_cast<std::size_t>(level)];
  result += ' ';
  std::string room;
  result += printable(text, room);
  return result += '\n';
}

void stderr_sink::operator()(log_level level, std::string_view text) const {
  write(std::chrono::system_clock::now(), level, text);
}

void stderr_sink::write(std::chrono::system_clock::time_point when,
                        log_level level, std::string_view text) const {
  if (level < least_)
    return;
  // One write, so that lines of several threads do not mix.
  auto line = log_line(when, level, text);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

log_sink stderr_log(log_level least) {
  return stderr_sink{least};
}

log_sink no_log() {
  return [](log_level, std::string_view) {
    // nop
  };
}

} // namespace troupe
