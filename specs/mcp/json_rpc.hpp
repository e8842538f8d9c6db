#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::mcp {

/// Error codes of JSON-RPC 2.0 section 5.1.
inline constexpr int parse_error = -32'700;
inline constexpr int invalid_request = -32'600;
inline constexpr int method_not_found = -32'601;
inline constexpr int invalid_params = -32'602;
inline constexpr int internal_error = -32'603;
/// The first of those that are left to servers.
inline constexpr int server_error = -32'000;

/// What a message wants.
enum class message_kind : std::uint8_t {
  /// An answer with the same `id`.
  request,
  /// Nothing.
  notification,
  /// Nothing: it answers a request of the server.
  response,
};

/// One message of a client.
struct message {
  message_kind kind = message_kind::request;
  /// A string or an integer; null when `kind` is no request.
  nlohmann::json id = nullptr;
  std::string method = {};
  /// An object; empty when the message has none.
  nlohmann::json params = nlohmann::json::object();
};

/// Why a message is not answered as it asks to be.
class rpc_error : public std::runtime_error {
public:
  /// @param id of the request; null when it has none that can be read
  rpc_error(int code, const std::string& text, nlohmann::json id = nullptr)
    : std::runtime_error(text), code_(code), id_(std::move(id)) {
    // nop
  }

  [[nodiscard]] int code() const noexcept {
    return code_;
  }

  [[nodiscard]] const nlohmann::json& id() const noexcept {
    return id_;
  }

private:
  int code_;
  nlohmann::json id_;
};

/// Reads the body of a POST: one message. Batches are refused, as MCP does
/// since 2025-06-18, and so is an `id` of null (MCP, base protocol, requests).
/// @throws rpc_error
message read_message(std::string_view text);

/// Makes a response: `{"jsonrpc":"2.0","id":...,"result":...}`.
nlohmann::json result_message(nlohmann::json id, nlohmann::json result);

/// Makes an error response. A null `id` stands for one that could not be read.
nlohmann::json error_message(nlohmann::json id, int code, nlohmann::json text,
                             nlohmann::json data = nullptr);

} // namespace troupe::mcp
