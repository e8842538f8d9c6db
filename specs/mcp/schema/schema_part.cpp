#include "troupe/specs/mcp/schema/schema_part.hpp"

namespace troupe::mcp {

using nlohmann::json;

const json* resolve(const json& root, const std::string& reference) {
  if (!reference.starts_with('#'))
    return nullptr;
  try {
    auto at = json::json_pointer{reference.substr(1)};
    return root.contains(at) ? &root.at(at) : nullptr;
  } catch (const json::exception&) {
    return nullptr;
  }
}

std::string within_member(char mark, std::string_view name,
                          std::string_view why) {
  auto text = std::string(1, mark);
  text.append(name).append(why);
  return text;
}

} // namespace troupe::mcp
