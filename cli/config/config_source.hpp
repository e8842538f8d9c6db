#pragma once

#include "troupe/cli/config/config_text.hpp"
#include "troupe/cli/config/diagnostic.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// A value from the command line that stands above the file's.
struct config_override {
  /// `server.port`, `models.0.workers`, `models.digits.workers`.
  std::string path = {};
  nlohmann::json value = nullptr;
  /// Shown in messages: `--set server.port=9000`.
  std::string origin = {};

  /// Reads `path.to.key=value`; a value that is not JSON is a string. Without a
  /// `=` the path stays empty, which `config_source::apply` reports.
  static config_override parse(std::string_view assignment);
};

/// A config's text and what the command line changes about it: the document,
/// and where each of its values came from.
class config_source {
public:
  /// @param file as the user gave it; shown in messages
  /// @throws config_error for a text that is not JSON
  config_source(std::string file, std::string_view text);

  /// The same for a text that is in no file.
  /// @param name shown in messages
  /// @param directory what paths in it are relative to
  config_source(std::string name, std::string_view text,
                std::filesystem::path directory);

  /// Reads a file.
  /// @throws config_error also when it cannot be read
  static config_source read(const std::string& file);

  /// Puts a value in its place; objects on the way are made. @returns what is
  /// wrong with its path, or nothing.
  std::vector<diagnostic> apply(const config_override& x);

  [[nodiscard]] const std::string& file() const noexcept {
    return file_;
  }

  /// What paths in it are relative to.
  [[nodiscard]] const std::filesystem::path& directory() const noexcept {
    return directory_;
  }

  [[nodiscard]] const nlohmann::json& document() const noexcept {
    return text_.document;
  }

  /// Returns the value at a pointer, or null.
  [[nodiscard]] const nlohmann::json* find(const std::string& pointer) const;

  /// Says where a value came from; for one that does not exist, where the
  /// innermost that would hold it did.
  [[nodiscard]] config_origin value_origin(std::string_view pointer) const;

  /// The same for its key.
  [[nodiscard]] config_origin key_origin(std::string_view pointer) const;

  /// The keys that occur twice.
  [[nodiscard]] std::vector<diagnostic> duplicates() const;

private:
  [[nodiscard]] config_origin origin(std::string_view pointer, bool key) const;
  [[nodiscard]] config_origin at(text_position x) const;
  void shadow(const std::string& pointer, const config_origin& by);

  std::string file_;
  std::filesystem::path directory_;
  config_text text_;
  /// Where each value was set, by pointer; holds for everything below it, too.
  std::map<std::string, config_origin> overridden_;
  std::size_t override_count_ = 0;
};

} // namespace troupe
