#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace troupe {

/// An open file that becomes an answer. It stays the file that was opened, even
/// if somebody removes or replaces it meanwhile. Used by one thread at a time.
class file_source {
public:
  /// @throws http_error 404 when there is no such regular file
  /// @throws std::runtime_error that names the file and says why it cannot be
  ///         read; its text is for the log
  explicit file_source(const std::filesystem::path& path);

  /// In bytes, when it was opened.
  [[nodiscard]] std::uint64_t size() const noexcept {
    return size_;
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept {
    return path_;
  }

  /// Replaces `out` by the next bytes from `offset` on, at most `max` of them
  /// and none beyond `size`.
  /// @returns whether all of them could be read: a file may become shorter.
  bool read(std::uint64_t offset, std::size_t max, std::string& out) noexcept;

private:
  std::filesystem::path path_;
  std::filebuf file_;
  std::uint64_t size_ = 0;
};

} // namespace troupe
