#pragma once

#include "troupe/http/observe/access/access_record.hpp"
#include "troupe/http/observe_options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace troupe {

/// One line for each request, to standard output or to a file. A thread of its
/// own writes the lines, so that a full disk, a closed pipe or a slow reader
/// makes no request wait: lines that find no room, or cannot be written, are
/// dropped and counted, and the log tells of it.
class access_log {
public:
  /// @param lanes how many threads put records
  /// @throws std::runtime_error when the file cannot be opened
  access_log(const log_options& options, std::size_t lanes, log_sink log);

  /// As `end`, with a bound of zero.
  ~access_log();

  access_log(const access_log&) = delete;
  access_log& operator=(const access_log&) = delete;

  /// Composes its line. Each lane is for one thread at a time.
  void put(std::size_t lane, const access_record& x) noexcept;

  /// Opens the file again by its name, for one that was renamed. Lines that
  /// were put before may be in either. Does nothing for standard output.
  /// @returns whether there is a file
  bool reopen();

  /// Writes what was put and ends the thread. One that is inside a write when
  /// the time is up is left behind. @returns whether all was tried in time
  bool end(std::chrono::milliseconds bound);

  /// Returns how many lines were dropped.
  [[nodiscard]] std::uint64_t dropped() const noexcept;

private:
  class impl;
  std::shared_ptr<impl> impl_;
};

} // namespace troupe
