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

/// The key of a built-in in `server.builtins`, as far as its path tells.
std::string_view builtin_key(const table_entry& x) {
  constexpr std::array<std::string_view, 6> names{
    "health", "livez", "readyz", "startupz", "info", "shutdown"};
  if (x.pattern.segments.empty())
    return "root";
  for (auto name : names)
    if (x.pattern.segments.back().text == name)
      return name;
  return "<name>";
}

/// How one entry gives way; a clause that begins in lower case.
std::string how_to_move(const table_entry& x) {
  switch (x.kind) {
    case endpoint_kind::predict:
      return "give " + owner_text(x)
             + " another path (\"predict\": \"/other\") or switch its endpoint "
               "off (\"predict\": false)";
    case endpoint_kind::spec:
      return "move " + owner_text(x)
             + " with a prefix (\"prefix\": \"/other\")";
    case endpoint_kind::route:
      return "register the route under another pattern";
    case endpoint_kind::builtin:
      break;
  }
  return "move the built-in (\"server\": {\"builtins\": {"
         + in_quotes(builtin_key(x)) + ": \"/other\"}})";
}

/// How one of two entries of the same kind gives way.
std::string how_to_move_one(const table_entry& x) {
  switch (x.kind) {
    case endpoint_kind::predict:
      return "give one of them another path (\"predict\": \"/other\") or "
             "switch it off (\"predict\": false)";
    case endpoint_kind::spec:
      return "move one of them with a prefix (\"prefix\": \"/other\")";
    case endpoint_kind::route:
      return "register one of them under another pattern";
    case endpoint_kind::builtin:
      break;
  }
  return how_to_move(x);
}

std::string way_out(const table_entry& first, const table_entry& second) {
  std::string result;
  if (same_owner(first, second))
    result = "remove one of the two, or ";
  const auto first_builtin = first.kind == endpoint_kind::builtin;
  const auto second_builtin = second.kind == endpoint_kind::builtin;
  if (first.kind == second.kind)
    result += how_to_move_one(second);
  else if (first_builtin || second_builtin)
    result +=
      "choose another path: " + how_to_move(first_builtin ? second : first)
      + "; or " + how_to_move(first_builtin ? first : second);
  else
    result += how_to_move(first) + ", or " + how_to_move(second);
  result += '.';
  if (result.front() >= 'a' && result.front() <= 'z')
    result.front() = static_cast<char>(result.front() - 'a' + 'A');
  if (!first_builtin && !second_builtin)
    result += " Or let one win: \"on_conflict\": \"keep-first\" or "
              "\"override\".";
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
