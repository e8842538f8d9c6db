#pragma once

#include "troupe/specs/values/shared_bytes.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Collects a body that is too large for memory in a file, which has no name
/// from the start: nothing is left behind, whatever happens to the process.
/// Used by one thread. Appending writes to the page cache; it waits for the
/// disk only when the system has too much unwritten.
class body_spool {
public:
  /// @param directory "" takes the system's for temporary files
  explicit body_spool(std::string directory);

  body_spool(const body_spool&) = delete;
  body_spool& operator=(const body_spool&) = delete;

  ~body_spool();

  /// @returns whether the bytes were taken; if not, `error` says why, and all
  ///          that follows fails, too.
  [[nodiscard]] bool append(std::string_view bytes);

  /// Maps what was collected, read-only. Its pages belong to the file: the
  /// system drops them when it needs memory. Last call.
  /// @returns nothing after a failure
  [[nodiscard]] std::optional<shared_bytes> finish();

  /// Whether the disk, or the user's share of it, is full.
  [[nodiscard]] bool out_of_room() const noexcept;

  /// For the log: what failed, where and why; "" when nothing did.
  [[nodiscard]] const std::string& error() const noexcept {
    return error_;
  }

private:
  bool open();
  bool flush();
  /// Keeps the reason, from `errno`. @returns false
  bool fail(std::string_view what);

  std::string directory_;
  int fd_ = -1;
  int errno_ = 0;
  std::string error_;
  /// Small pieces are written together.
  std::string waiting_;
  std::size_t size_ = 0;
};

} // namespace troupe
