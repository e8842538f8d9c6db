#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace troupe {

/// A folder of its own with a config in it; both go at the end.
class temp_config {
public:
  explicit temp_config(std::string_view text, std::string_view name = "c.json")
    : folder_(make_folder()), file_(folder_ / name) {
    write(name, text);
  }

  temp_config(const temp_config&) = delete;
  temp_config& operator=(const temp_config&) = delete;

  ~temp_config() {
    std::error_code ec;
    std::filesystem::remove_all(folder_, ec);
  }

  /// Writes another file beside the config.
  void write(std::string_view name, std::string_view text) const {
    std::ofstream out{folder_ / name, std::ios::binary};
    out << text;
  }

  [[nodiscard]] std::string path() const {
    return file_.string();
  }

private:
  static std::filesystem::path make_folder() {
    auto result =
      (std::filesystem::temp_directory_path() / "troupe-XXXXXX").string();
    if (::mkdtemp(result.data()) == nullptr)
      std::abort();
    return result;
  }

  std::filesystem::path folder_;
  std::filesystem::path file_;
};

} // namespace troupe
