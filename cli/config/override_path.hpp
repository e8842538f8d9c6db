#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Where a `--set` goes: the steps from the root, or why it goes nowhere.
struct override_target {
  std::vector<std::string> steps = {};
  std::string error = {};
};

/// Resolves `models.0.workers` or `models.digits.workers` against a document;
/// array elements become indexes. A model's name may hold dots; the longest
/// name that fits is taken. Keys of objects need not exist.
override_target resolve_override(const nlohmann::json& document,
                                 std::string_view path);

/// Reads an index without sign or leading zeros.
std::optional<std::size_t> as_index(std::string_view text) noexcept;

} // namespace troupe
