#include "troupe/specs/mcp/session.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/mcp/header_value.hpp"
#include "troupe/specs/mcp/json_rpc.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <cstddef>
#include <random>
#include <string_view>

namespace troupe::mcp {

namespace {

constexpr std::size_t session_size = 32;

} // namespace

std::string new_session() {
  // Each call asks the system, or the processor.
  std::random_device bits;
  std::string result;
  while (result.size() < session_size) {
    auto word = bits();
    for (auto i = 0; i < 8; ++i, word >>= 4U)
      result += lower_hex_digits[word & 0xFU];
  }
  return result;
}

std::string session_of(const header_map& headers, const nlohmann::json& id) {
  auto value = single_header(headers, session_header, id);
  if (!value)
    return {};
  if (value->size() != session_size
      || !std::all_of(value->begin(), value->end(), [](char c) {
           return lower_hex_digits.find(c) != std::string_view::npos;
         }))
    throw rpc_error(
      invalid_request,
      "This server has not given this Mcp-Session-Id; send initialize "
      "without it",
      id, 404);
  return std::string{*value};
}

std::string running_name(const std::string& session, const nlohmann::json& id) {
  return session.empty() ? session : session + ' ' + dump_json(id);
}

} // namespace troupe::mcp
