#include "troupe/specs/mcp/header_value.hpp"

#include "troupe/specs/input/base64.hpp"
#include "troupe/specs/mcp/json_rpc.hpp"

#include <algorithm>

namespace troupe::mcp {

namespace {

constexpr std::string_view prefix = "=?base64?";
constexpr std::string_view suffix = "?=";

bool is_plain(std::string_view x) {
  return std::all_of(x.begin(), x.end(), [](char c) {
    return (c >= ' ' && c <= '~') || c == '\t';
  });
}

std::string_view required(const header_map& headers, std::string_view name,
                          const nlohmann::json& id) {
  auto value = single_header(headers, name, id);
  if (!value)
    refuse_header(name, "is missing", id);
  return *value;
}

} // namespace

std::optional<std::string> decode_header_value(std::string_view value) {
  if (!is_plain(value))
    return std::nullopt;
  if (value.size() < prefix.size() + suffix.size() || !value.starts_with(prefix)
      || !value.ends_with(suffix))
    return std::string{value};
  value.remove_prefix(prefix.size());
  value.remove_suffix(suffix.size());
  return from_base64(value);
}

std::optional<std::string_view> single_header(const header_map& headers,
                                              std::string_view name,
                                              const nlohmann::json& id) {
  if (headers.count(name) > 1)
    refuse_header(name, "is there more than once", id);
  return headers.find(name);
}

void refuse_header(std::string_view name, const std::string& why,
                   const nlohmann::json& id) {
  throw rpc_error(header_mismatch,
                  "Header mismatch: " + std::string{name} + ' ' + why, id, 400);
}

void require_header(const header_map& headers, std::string_view name,
                    std::string_view expected, const nlohmann::json& id) {
  if (required(headers, name, id) != expected)
    refuse_header(name, "is not what the body says", id);
}

void require_encoded_header(const header_map& headers, std::string_view name,
                            std::string_view expected,
                            const nlohmann::json& id) {
  auto value = decode_header_value(required(headers, name, id));
  if (!value)
    refuse_header(name, "is neither ASCII nor =?base64?...?=", id);
  if (*value != expected)
    refuse_header(name, "is not what the body says", id);
}

} // namespace troupe::mcp
