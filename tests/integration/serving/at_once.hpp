#pragma once

#include "troupe/tests/support/http_client.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Sends all bodies at once, each on a connection of its own; then reads.
inline std::vector<http_response>
at_once(std::uint16_t port, std::string_view path,
        const std::vector<std::string>& bodies,
        const header_list& headers = {}) {
  std::vector<http_client> clients;
  for (const auto& body : bodies) {
    clients.emplace_back(port);
    clients.back().send(request_text("POST", path, body, headers));
  }
  std::vector<http_response> result;
  for (auto& client : clients)
    result.push_back(client.read());
  return result;
}

inline int count_status(const std::vector<http_response>& all, int status) {
  auto result = 0;
  for (const auto& x : all)
    result += x.status == status ? 1 : 0;
  return result;
}

} // namespace troupe
