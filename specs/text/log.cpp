#include "troupe/specs/text/log.hpp"

#include "troupe/specs/text/line_writer.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

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
                     log_level level, std::string_view text,
                     log_format format) {
  std::string result;
  line_writer line{result, format};
  utc_text stamp;
  line.time(stamp.of(when));
  line.level(to_string(level));
  line.message(text);
  line.end();
  return result;
}

void stderr_sink::operator()(log_level level, std::string_view text) const {
  write(std::chrono::system_clock::now(), level, text);
}

void stderr_sink::write(std::chrono::system_clock::time_point when,
                        log_level level, std::string_view text,
                        log_format format) const {
  if (level < least_)
    return;
  // One write, so that lines of several threads do not mix.
  auto line = log_line(when, level, text, format);
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
