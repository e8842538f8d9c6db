#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Returns how many insertions, deletions, replacements and swaps of
/// neighbours lead from one word to the other (Damerau-Levenshtein, optimal
/// string alignment).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// Returns the name that was probably meant, or "" when none is near: at most
/// one edit for each three letters begun, whatever the case, or `_` for `-`.
std::string nearest_name(std::string_view name,
                         const std::vector<std::string>& known);

/// Lists names for a message: `"a", "b"`.
std::string quoted_list(const std::vector<std::string>& names);

/// Renders what is wrong with a name: `unknown key "worker", did you mean
/// "workers"?`, or without a near one `unknown key "x"; known here: "a"`.
std::string unknown_name(std::string_view what, std::string_view name,
                         const std::vector<std::string>& known);

} // namespace troupe
