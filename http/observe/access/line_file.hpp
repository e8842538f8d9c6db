#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe {

/// Where lines are appended: a file by its name, or standard output. Not
/// thread-safe.
class line_file {
public:
  /// @param name "" takes standard output
  /// @throws std::runtime_error when it cannot be opened
  explicit line_file(std::string name);
  ~line_file();

  line_file(const line_file&) = delete;
  line_file& operator=(const line_file&) = delete;

  /// Writes whole lines; waits as long as the system does. After a line that
  /// was cut off by an error, the next one begins a line of its own.
  /// @returns how many lines could not be written
  std::size_t write(std::string_view lines);

  /// Opens the file again. When that fails, the one that is open goes on.
  /// @returns what failed, or ""
  std::string reopen();

  /// Why the last write failed; "" when it did not.
  [[nodiscard]] const std::string& error() const noexcept {
    return error_;
  }

private:
  [[nodiscard]] int open_by_name() const noexcept;

  std::string name_;
  int fd_;
  bool in_line_ = false;
  std::string error_;
};

} // namespace troupe
