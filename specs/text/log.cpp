#include "troupe/specs/text/log.hpp"

#include "troupe/specs/text/log_text.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace troupe {

namespace {

/// In the order of `log_level`.
constexpr std::array<std::string_view, 4> level_names{"debug", "info",
                                                      "warning", "error"};

} // namespace

std::string_view to_string(log_level x) noexcept {
  return level_names[static_cast<std::size_t>(x)];
}

std::optional<log_level> log_level_from(std::string_view name) noexcept {
  auto i = std::find(level_names.begin(), level_names.end(), name);
  if (i == level_names.end())
    return std::nullopt;
  return static_cast<log_level>(i - level_names.begin());
}

std::string log_line(std::chrono::system_clock::time_point when,
                     log_level level, std::string_view text) {
  using namespace std::chrono;
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
  result += to_string(level);
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
