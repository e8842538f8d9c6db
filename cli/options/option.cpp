#include "troupe/cli/options/option.hpp"

#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/json/json.hpp"

#include <algorithm>
#include <cmath>

namespace troupe {

namespace {

using nlohmann::json;

bool in_range(const option& o, const json& value) {
  if (value.is_number_unsigned()) {
    auto x = value.get<std::uint64_t>();
    return x <= static_cast<std::uint64_t>(o.max)
           && static_cast<std::int64_t>(x) >= o.min;
  }
  if (value.is_number_integer()) {
    auto x = value.get<std::int64_t>();
    return x >= o.min && x <= o.max;
  }
  auto x = value.get<double>();
  return x >= static_cast<double>(o.min) && x <= static_cast<double>(o.max);
}

/// JSON knows one kind of number: `8000.0` and `8e3` are integers.
bool is_integer(const json& value) {
  if (value.is_number_integer())
    return true;
  return value.is_number() && std::trunc(value.get<double>()) == value;
}

bool starts_path(const json& value) {
  return value.is_string()
         && value.get_ref<const std::string&>().starts_with('/');
}

/// Counts code points, as JSON Schema does.
std::int64_t length(const std::string& x) {
  return std::count_if(x.begin(), x.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  });
}

} // namespace

const option* option::find(std::string_view name) const noexcept {
  for (const auto& o : nested)
    if (o.key == name)
      return &o;
  return nullptr;
}

std::vector<std::string> option::keys() const {
  std::vector<std::string> result;
  for (const auto& o : nested)
    result.push_back(o.key);
  return result;
}

std::string option::expected() const {
  auto range = " from " + std::to_string(min) + " to " + std::to_string(max);
  switch (kind) {
    case option_kind::boolean:
      return "true or false";
    case option_kind::integer:
      return "an integer" + range;
    case option_kind::number:
      return "a number" + range;
    case option_kind::time_or_false:
      return "an integer" + range + ", or false";
    case option_kind::string:
      return min > 0 ? "a string that is not empty" : "a string";
    case option_kind::choice:
      return "one of " + quoted_list(choices);
    case option_kind::strings:
      return "an array of strings";
    case option_kind::path_or_false:
      return "a path that starts with \"/\", or false";
    case option_kind::prefix:
      return "a path that starts with \"/\", or \"\"";
    case option_kind::file_or_boolean:
      return "true, false or the name of a file";
    case option_kind::integer_or_section:
      return "an integer" + range + ", or an object";
    case option_kind::anything:
      return "any JSON";
    case option_kind::entries:
      return "an array of objects";
    case option_kind::free_object:
    case option_kind::section:
      break;
  }
  return "an object";
}

std::string option::default_text() const {
  if (required)
    return "required";
  if (fallback)
    return dump_json(*fallback);
  return fallback_text.empty() ? "none" : fallback_text;
}

bool accepts(const option& o, const json& value) {
  switch (o.kind) {
    case option_kind::boolean:
      return value.is_boolean();
    case option_kind::integer:
      return is_integer(value) && in_range(o, value);
    case option_kind::number:
      return value.is_number() && in_range(o, value);
    case option_kind::time_or_false:
      return value == false || (is_integer(value) && in_range(o, value));
    case option_kind::string:
      return value.is_string()
             && length(value.get_ref<const std::string&>()) >= o.min;
    case option_kind::choice:
      return value.is_string()
             && std::find(o.choices.begin(), o.choices.end(),
                          value.get_ref<const std::string&>())
                  != o.choices.end();
    case option_kind::strings:
      return value.is_array()
             && std::all_of(value.begin(), value.end(), [](const json& x) {
                  return x.is_string() && x != "";
                });
    case option_kind::path_or_false:
      return starts_path(value) || value == false;
    case option_kind::prefix:
      return starts_path(value) || value == "";
    case option_kind::file_or_boolean:
      return value.is_boolean() || (value.is_string() && value != "");
    case option_kind::integer_or_section:
      return value.is_object() || (is_integer(value) && in_range(o, value));
    case option_kind::anything:
      return true;
    case option_kind::entries:
      return value.is_array();
    case option_kind::free_object:
    case option_kind::section:
      break;
  }
  return value.is_object();
}

std::string shown(const json& value) {
  constexpr std::size_t longest = 60;
  if (value.is_object())
    return value.empty() ? "an empty object" : "an object";
  if (value.is_array())
    return value.empty() ? "an empty array" : "an array";
  auto result = dump_json(value);
  if (result.size() <= longest)
    return result;
  auto end = longest;
  while ((static_cast<unsigned char>(result[end]) & 0xC0U) == 0x80U)
    --end;
  return result.substr(0, end) + "...";
}

} // namespace troupe
