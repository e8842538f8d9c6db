#include "troupe/specs/values/log.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>

namespace troupe {

log_sink stderr_log(log_level least) {
  return [least](log_level level, std::string_view text) {
    if (level < least)
      return;
    using namespace std::chrono;
    constexpr std::array<const char*, 4> names{"debug", "info", "warning",
                                               "error"};
    auto now = system_clock::now();
    auto ms =
      duration_cast<milliseconds>(now.time_since_epoch()).count() % 1000;
    auto seconds = system_clock::to_time_t(now);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> stamp{};
    auto n =
      std::strftime(stamp.data(), stamp.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::string line(stamp.data(), n);
    std::snprintf(stamp.data(), stamp.size(), ".%03dZ ", static_cast<int>(ms));
    line += stamp.data();
    line += names[static_cast<std::size_t>(level)];
    line += ' ';
    line += text;
    line += '\n';
    // One write, so that lines of several threads do not mix.
    std::fwrite(line.data(), 1, line.size(), stderr);
  };
}

log_sink no_log() {
  return [](log_level, std::string_view) {
    // nop
  };
}

} // namespace troupe
