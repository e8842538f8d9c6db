#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe {

/// A directory of its own, removed with all that is in it.
class temp_dir {
public:
  temp_dir() {
    auto name =
      (std::filesystem::temp_directory_path() / "troupe-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("no temporary directory");
    path_ = name;
  }

  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;

  ~temp_dir() {
    std::error_code ec;
    std::filesystem::remove_all(path_, ec);
  }

  [[nodiscard]] const std::filesystem::path& path() const noexcept {
    return path_;
  }

  /// Writes a file. @returns its path
  std::filesystem::path write(std::string_view name,
                              std::string_view content) const {
    auto result = path_ / name;
    std::ofstream{result, std::ios::binary} << content;
    return result;
  }

  [[nodiscard]] bool empty() const {
    return std::filesystem::is_empty(path_);
  }

private:
  std::filesystem::path path_;
};

} // namespace troupe
