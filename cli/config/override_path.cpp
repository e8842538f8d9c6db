#include "troupe/cli/config/override_path.hpp"

#include "troupe/cli/config/pointer.hpp"
#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/json/json.hpp"

#include <charconv>

namespace troupe {

namespace {

using nlohmann::json;

/// How an entry of an array was named: its index, and how many steps of the
/// path that took.
struct entry_name {
  std::size_t index;
  std::size_t length;
};

/// The names of an array's entries, "" for those without.
std::vector<std::string> names_of(const json& array) {
  std::vector<std::string> result;
  for (const auto& entry : array) {
    result.emplace_back();
    if (entry.is_object() && entry.contains("name")
        && entry["name"].is_string())
      result.back() = entry["name"].get<std::string>();
  }
  return result;
}

/// Finds the entry that `path` from `begin` on starts with.
std::optional<entry_name> find_entry(const json& array,
                                     const std::vector<std::string>& path,
                                     std::size_t begin) {
  auto names = names_of(array);
  std::optional<entry_name> result;
  if (auto i = as_index(path[begin]); i && *i < array.size())
    return entry_name{*i, 1};
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto parts = split_dotted(names[i]);
    auto fits = !names[i].empty() && begin + parts.size() <= path.size()
                && (!result || parts.size() > result->length);
    for (std::size_t k = 0; fits && k < parts.size(); ++k)
      fits = parts[k] == path[begin + k];
    if (fits)
      result = entry_name{i, parts.size()};
  }
  return result;
}

std::string no_such_entry(const json& array, const std::string& in,
                          const std::string& name) {
  if (array.empty())
    return "there is no entry " + dump_json(name) + ", " + in + " has none";
  auto result = "there is no entry " + dump_json(name) + " in " + in;
  auto names = names_of(array);
  std::erase(names, "");
  if (auto near = nearest_name(name, names); !near.empty() && !as_index(name))
    return result + ", did you mean " + dump_json(near) + '?';
  return result + ", expected an index from 0 to "
         + std::to_string(array.size() - 1)
         + (names.empty() ? "" : " or one of " + quoted_list(names));
}

} // namespace

std::optional<std::size_t> as_index(std::string_view text) noexcept {
  std::size_t result = 0;
  const auto* end = text.data() + text.size();
  auto [stop, code] = std::from_chars(text.data(), end, result);
  if (code != std::errc{} || stop != end
      || (text.size() > 1 && text.starts_with('0')))
    return std::nullopt;
  return result;
}

override_target resolve_override(const json& document, std::string_view path) {
  static const auto nothing = json::array();
  auto names = split_dotted(path);
  if (path.empty())
    return {{}, "expected path.to.key=value"};
  if (names.size() > max_json_depth)
    return {{}, "the path is too long"};
  override_target result;
  std::string in;
  const auto* place = &document;
  for (std::size_t i = 0; i < names.size();) {
    if (names[i].empty())
      return {{}, "the path has an empty step, expected path.to.key=value"};
    // A missing list is an empty one, not an object.
    if (!place && i == 1 && (in == "models" || in == "specs"))
      place = &nothing;
    if (place && place->is_array()) {
      auto entry = find_entry(*place, names, i);
      if (!entry)
        return {{}, no_such_entry(*place, in, names[i])};
      result.steps.push_back(std::to_string(entry->index));
      place = &(*place)[entry->index];
      i += entry->length;
    } else if (!place || place->is_object()) {
      place =
        place && place->contains(names[i]) ? &(*place)[names[i]] : nullptr;
      result.steps.push_back(names[i++]);
    } else {
      return {{},
              (in.empty() ? "the config" : in)
                + " is not an object, it has no key " + dump_json(names[i])};
    }
    in += (in.empty() ? "" : ".") + result.steps.back();
  }
  return result;
}

} // namespace troupe
