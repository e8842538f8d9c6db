#pragma once

#include "troupe/cli/options/draft.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What JSON an option takes.
enum class option_kind : std::uint8_t {
  boolean,
  /// From `min` to `max`; `8000.0` is one, too.
  integer,
  /// From `min` to `max`, with a fraction if need be.
  number,
  /// Milliseconds as an `integer`, or `false` for none.
  time_or_false,
  /// At least `min` characters long.
  string,
  /// One of `choices`.
  choice,
  /// An array of strings that are not empty.
  strings,
  /// A string that starts with `/`, or `false`.
  path_or_false,
  /// A string that starts with `/`, or is empty.
  prefix,
  /// The name of a file, `true` or `false`.
  file_or_boolean,
  /// An object whose keys are not Troupe's; they are not checked.
  free_object,
  /// Any JSON.
  anything,
  /// An object with the options in `nested`.
  section,
  /// An `integer`, or such an object.
  integer_or_section,
  /// An array of such objects.
  entries,
};

/// One line of the option table: what the reader accepts, what `--help`, the
/// JSON Schema and docs/configuration.md say, and where the value goes.
struct option {
  std::string key = {};
  option_kind kind = option_kind::section;
  /// One sentence.
  std::string doc = {};
  /// The value of a config without this key, if that is JSON.
  std::optional<nlohmann::json> fallback = {};
  /// The same in words, where it is not JSON: `none`, `the server's`.
  std::string fallback_text = {};
  bool required = false;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::vector<std::string> choices = {};
  std::vector<option> nested = {};
  /// Takes a value that was found to be right.
  std::function<void(config_draft&, const nlohmann::json&)> apply = {};
  /// For `entries`: makes room for the next one.
  std::function<void(config_draft&)> begin_entry = {};

  /// @returns null for a key that is not in `nested`.
  [[nodiscard]] const option* find(std::string_view name) const noexcept;

  /// The keys in `nested`, in their order.
  [[nodiscard]] std::vector<std::string> keys() const;

  /// Says what is accepted: `an integer from 0 to 65535`.
  [[nodiscard]] std::string expected() const;

  /// Says what holds without the key: `8000`, `none`.
  [[nodiscard]] std::string default_text() const;
};

/// Returns whether `value` is what `o` takes; for sections and entries only
/// the outermost type is looked at.
[[nodiscard]] bool accepts(const option& o, const nlohmann::json& value);

/// Names a value in a message: `"80"`, `an object`; long ones are cut.
std::string shown(const nlohmann::json& value);

} // namespace troupe
