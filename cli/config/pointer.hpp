#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// JSON pointers (RFC 6901) as plain strings: "" is the root, `/models/0`
/// the first model.

/// Appends a key, escaped.
std::string child(std::string_view pointer, std::string_view key);

/// Appends an index.
std::string child(std::string_view pointer, std::size_t index);

/// Returns the pointer without its last step; the root is its own parent.
std::string_view parent(std::string_view pointer) noexcept;

/// Returns whether `pointer` is `root` or lies inside it.
[[nodiscard]] bool is_within(std::string_view pointer,
                             std::string_view root) noexcept;

/// Takes a pointer apart and unescapes its steps.
std::vector<std::string> steps(std::string_view pointer);

/// Renders a pointer as people and `--set` write it: `models.0.workers`.
/// What does not print is escaped.
std::string dotted(std::string_view pointer);

/// Splits `models.0.workers` at its dots.
std::vector<std::string> split_dotted(std::string_view path);

} // namespace troupe
