#include "troupe/cli/config/caf_values.hpp"

#include "troupe/http/caf_options.hpp"

namespace troupe {

namespace {

using values = std::vector<std::pair<std::string, std::string>>;

/// Returns the notation in which the option takes the value; that of a string
/// when it takes none.
std::string notation(const std::string& name, const nlohmann::json& x) {
  auto usual = x.dump();
  if (!x.is_string())
    return usual;
  const auto& text = x.get_ref<const std::string&>();
  auto atom = '\'' + text + '\'';
  for (const auto& candidate : {usual, atom, text})
    if (check_caf_options({{name, candidate}}).empty())
      return candidate;
  return usual;
}

void flatten(const nlohmann::json& x, const std::string& name, values& out) {
  if (!x.is_object()) {
    out.emplace_back(name, notation(name, x));
    return;
  }
  for (const auto& [key, value] : x.items()) {
    auto full = name;
    if (!full.empty())
      full += '.';
    flatten(value, full.append(key), out);
  }
}

} // namespace

std::vector<std::pair<std::string, std::string>>
caf_values(const nlohmann::json& section) {
  values result;
  flatten(section, {}, result);
  return result;
}

} // namespace troupe
