#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace troupe {

/// A fault of a client's value, read from a failure's detail.
struct validation_note {
  /// Where, e.g. `messages[0].content`; empty for the whole body.
  std::string place = {};
  /// What, e.g. `Field required`.
  std::string message = {};

  /// Returns both, e.g. `input: Field required`.
  [[nodiscard]] std::string text() const;
};

/// Reads a detail that `validation_error::to_failure` made, or a user's in the
/// same form: `[{"loc": ["body", ...], "msg": "..."}, ...]`.
/// @returns an empty list for any other detail
[[nodiscard]] std::vector<validation_note>
notes_of(const nlohmann::json& detail);

} // namespace troupe
