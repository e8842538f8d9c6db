#include "troupe/actors/table/describe_conflict.hpp"

#include "troupe/actors/table/conflicts.hpp"

#include <array>

namespace troupe {

namespace {

/// Renders a path such that a terminal shows what is meant.
std::string printable(std::string_view path) {
  std::vector<std::string_view> parts;
  split_path(path, parts);
  pattern result;
  for (auto part : parts)
    result.segments.push_back({segment_kind::literal, std::string{part}, {}});
  return result.canonical();
}

std::string in_quotes(std::string_view text) {
  return '"' + std::string{text} + '"';
}

std::string what_clashes(const clash& x, const table_entry& first,
                         const table_entry& second) {
  const auto& lhs = first.pattern;
  const auto& rhs = second.pattern;
  std::string result = "both match ";
  if (!x.methods.empty())
    result += to_string(x.methods) + " ";
  if (x.relation == pattern_relation::ambiguous)
    result += printable(common_path(lhs, rhs));
  else
    result += lhs.text == rhs.text ? lhs.text : lhs.canonical();
  if (x.methods == method_set{method::head}
      && !(first.endpoint.methods.contains(method::head)
           && second.endpoint.methods.contains(method::head)))
    result += " (GET brings HEAD along)";
  if (x.relation == pattern_relation::ambiguous)
    result += ", and neither of " + in_quotes(lhs.text) + " and "
              + in_quotes(rhs.text) + " is more specific";
  else if (lhs.text != rhs.text)
    result +=
      " (written " + in_quotes(lhs.text) + " and " + in_quotes(rhs.text) + ")";
  if (x.reserved)
    result += ", and a built-in's path is reserved for every method";
  return result;
}

/// The registrar's hint in parentheses, or nothing.
std::string hint(const std::string& text) {
  return text.empty() ? text : " (" + text + ')';
}

/// How `who`, the name of an entry such as `x`, gives way; a clause that begins
/// in lower case.
std::string how_to_move(const table_entry& x, const std::string& who,
                        const std::string& its_endpoint) {
  const auto& hints = x.origin;
  switch (x.kind) {
    case endpoint_kind::predict:
      return "give " + who + " another path" + hint(hints.move) + " or switch "
             + its_endpoint + " off" + hint(hints.off);
    case endpoint_kind::spec:
      return "move " + who + " with a prefix" + hint(hints.move);
    case endpoint_kind::route:
      return "register " + who + " under another pattern";
    case endpoint_kind::builtin:
      break;
  }
  return "move the built-in" + hint(hints.move);
}

std::string how_to_move(const table_entry& x) {
  return how_to_move(
    x, x.kind == endpoint_kind::route ? "the route" : owner_text(x),
    "its endpoint");
}

std::string way_out(const table_entry& first, const table_entry& second) {
  std::string result;
  if (same_owner(first, second))
    result = "remove one of the two, or ";
  const auto first_builtin = first.kind == endpoint_kind::builtin;
  const auto second_builtin = second.kind == endpoint_kind::builtin;
  if (first.kind == second.kind)
    result += how_to_move(second, "one of them", "it");
  else if (first_builtin || second_builtin)
    result +=
      "choose another path: " + how_to_move(first_builtin ? second : first)
      + "; or " + how_to_move(first_builtin ? first : second);
  else
    result += how_to_move(first) + ", or " + how_to_move(second);
  result += '.';
  if (result.front() >= 'a' && result.front() <= 'z')
    result.front() = static_cast<char>(result.front() - 'a' + 'A');
  if (!first_builtin && !second_builtin) {
    const auto& policy =
      second.origin.policy.empty() ? first.origin.policy : second.origin.policy;
    result += " Or let one win" + (policy.empty() ? policy : ": " + policy);
    result += '.';
  }
  return result;
}

} // namespace

table_conflict describe(const clash& x, const table_entry& first,
                        const table_entry& second) {
  return {first, second, what_clashes(x, first, second),
          way_out(first, second)};
}

std::string owner_text(const table_entry& x) {
  constexpr std::array<std::string_view, 4> words{"model", "spec", "route",
                                                  "built-in"};
  return std::string{words[static_cast<std::size_t>(x.kind)]} + ' '
         + in_quotes(x.owner);
}

} // namespace troupe
