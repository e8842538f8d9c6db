#pragma once

#include "troupe/specs/values/headers.hpp"

#include <string>
#include <string_view>

/// Header fields that hold lists with weights (RFC 9110 sections 5.6.1 and
/// 12.4.2).
namespace troupe {

/// Cuts the next member off a list. @returns it, trimmed
std::string_view next_item(std::string_view& list, char separator) noexcept;

/// One member of a list with weights.
struct weighted_item {
  std::string_view name;
  /// In thousandths. A malformed weight counts as 0, a missing one as 1000.
  int weight = 1000;
};

/// Cuts the next member off such a list; parameters but `q` are dropped.
weighted_item next_weighted(std::string_view& list) noexcept;

/// Returns all values of a field as one list: the value itself when there is
/// one, else a list that is made in `room`.
[[nodiscard]] std::string_view joined(const header_map& headers,
                                      std::string_view name, std::string& room);

/// Returns whether an `Accept` prefers the items of a stream as events to lines
/// of JSON: events weigh more, or as much and are named.
[[nodiscard]] bool wants_events(std::string_view accept) noexcept;

/// Whether an `Accept` names JSON: its client may have a whole answer.
[[nodiscard]] bool accepts_json(std::string_view accept) noexcept;

/// Adds a member to the list in `Vary`, unless it is there.
void add_vary(header_map& headers, std::string_view name);

} // namespace troupe
