#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>

namespace troupe {

/// Refuses a document with a NaN or an infinity in it: JSON has neither (RFC
/// 8259 section 6), and `null` instead would be an answer that nobody gave.
/// Refuses one that is nested deeper than `max_answer_depth`, too. Uses a
/// bounded part of the stack for any document.
/// @throws std::domain_error that names the place of a number, e.g. `/output/3`
void expect_finite(const nlohmann::json& document);

/// Returns whether such a document may be written where it is inside of `depth`
/// levels more.
bool is_writable(const nlohmann::json& document, std::size_t depth);

} // namespace troupe
