#pragma once

#include "troupe/specs/text/log.hpp"

#include <string>

namespace troupe {

/// Turns what a process writes into lines of a log.
class line_log {
public:
  /// @param prefix of each line, e.g. `model digits worker 0: `
  line_log(log_sink log, log_level level, std::string prefix);

  /// Reads what is there, without a wait.
  /// @returns false at the end
  bool read(int fd);

  /// Logs the beginning of a line that has no end yet.
  void finish();

private:
  void log(std::string_view line) const;

  log_sink log_;
  log_level level_;
  std::string prefix_;
  std::string begun_;
};

} // namespace troupe
