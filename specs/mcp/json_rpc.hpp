#pragma once

#include "troupe/specs/json/json_reader.hpp"

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

/// Those of MCP (2026-07-28, base protocol, error codes).
inline constexpr int header_mismatch = -32'020;
inline constexpr int unsupported_version = -32'022;

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
  /// A string or an integer; null when `kind` is not `request`.
  nlohmann::json id = nullptr;
  std::string method = {};
  /// An object; empty when the message has none, or null.
  nlohmann::json params = nlohmann::json::object();
};

/// An error as the answer to a message.
class rpc_error : public std::runtime_error {
public:
  /// @param id of the request; null when it has none that can be read
  /// @param status of the answer; 0 takes 200 for a request and 400 for
  ///        anything else
  rpc_error(int code, const std::string& text, nlohmann::json id = nullptr,
            int status = 0, nlohmann::json data = nullptr)
    : std::runtime_error(text),
      code_(code),
      status_(status),
      id_(std::move(id)),
      data_(std::move(data)) {
    // nop
  }

  [[nodiscard]] int code() const noexcept {
    return code_;
  }

  [[nodiscard]] const nlohmann::json& id() const noexcept {
    return id_;
  }

  /// What the error tells programs; null for nothing.
  [[nodiscard]] const nlohmann::json& data() const noexcept {
    return data_;
  }

  [[nodiscard]] int effective_status() const noexcept {
    if (status_ != 0)
      return status_;
    // An error with an id is an answer; without one the POST itself is at
    // fault.
    return code_ == parse_error || code_ == invalid_request || id_.is_null()
             ? 400
             : 200;
  }

private:
  int code_;
  int status_;
  nlohmann::json id_;
  nlohmann::json data_;
};

/// Reads the body of a POST: a message, or an array of them.
/// @throws rpc_error
/// @throws json_memory_error above `limits.max_memory`
nlohmann::json read_body(std::string_view text, json_limits limits = {});

/// Reads one message. An `id` of null is refused (MCP, base protocol,
/// requests).
/// @throws rpc_error
message message_of(nlohmann::json x);

/// Makes a response: `{"jsonrpc":"2.0","id":...,"result":...}`.
nlohmann::json result_message(nlohmann::json id, nlohmann::json result);

/// Makes an error response. A null `id` stands for one that could not be read.
nlohmann::json error_message(nlohmann::json id, int code, nlohmann::json text,
                             nlohmann::json data = nullptr);

} // namespace troupe::mcp
