#pragma once

#include "troupe/specs/mcp/json_rpc.hpp"
#include "troupe/specs/values/headers.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace troupe::mcp {

/// Returns the token by which a request wants to hear of its progress (MCP,
/// progress), or null.
/// @throws rpc_error unless it is a string or an integer
nlohmann::json progress_token(const message& msg);

/// Returns whether the client of a request takes an event stream as the
/// answer, in which notifications have a place.
bool takes_events(const header_map& headers);

/// Tells a client how many items of a stream there are so far, for one call of
/// a tool. The total is not known.
class progress {
public:
  using clock = std::chrono::steady_clock;

  /// Between two notifications: the protocol wants them to be few.
  static constexpr std::chrono::milliseconds pause{100};

  /// @param token of the request; null sends no notifications
  explicit progress(nlohmann::json token) : token_(std::move(token)) {
    // nop
  }

  /// Counts an item.
  /// @returns the notification, if one is due
  std::optional<nlohmann::json> count(clock::time_point now);

private:
  nlohmann::json token_;
  std::uint64_t items_ = 0;
  clock::time_point next_ = clock::time_point::min();
};

} // namespace troupe::mcp
