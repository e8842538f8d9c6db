#include "troupe/specs/values/request.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/text/text.hpp"
#include "troupe/specs/values/path.hpp"

#include <algorithm>

namespace troupe {

std::string_view request::query() const noexcept {
  std::string_view all{target};
  auto i = all.find('?');
  if (i == std::string_view::npos)
    return {};
  all.remove_prefix(i + 1);
  return all.substr(0, all.find('#'));
}

std::optional<std::string> request::query_param(std::string_view name) const {
  auto rest = query();
  while (!rest.empty()) {
    auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    auto key = pair.substr(0, pair.find('='));
    if (percent_decode(key, true) != name)
      continue;
    pair.remove_prefix(std::min(pair.size(), key.size() + 1));
    return percent_decode(pair, true);
  }
  return std::nullopt;
}

std::string_view request::param(std::string_view name) const noexcept {
  auto i = std::find_if(params.begin(), params.end(),
                        [&](const auto& kvp) { return kvp.first == name; });
  return i != params.end() ? std::string_view{i->second} : std::string_view{};
}

std::string_view request::header(std::string_view name) const noexcept {
  return headers.find(name).value_or(std::string_view{});
}

std::string request::content_type() const {
  auto value = header("Content-Type");
  return lowered(trimmed(value.substr(0, value.find(';'))));
}

nlohmann::json request::json() const {
  if (document != nullptr)
    return *document;
  return parse_json(bytes(), limits_of_json());
}

} // namespace troupe
