#pragma once

#include "troupe/specs/mcp/json_rpc.hpp"
#include "troupe/specs/mcp/mcp_options.hpp"
#include "troupe/specs/mcp/param_header.hpp"
#include "troupe/specs/mcp/protocol.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <vector>

namespace troupe {

/// Serves models as the tools of an MCP server: the Model Context Protocol of
/// 2026-07-28, 2025-11-25, 2025-06-18 and 2025-03-26 over streamable HTTP,
/// at `POST {prefix}/mcp`. Answers are JSON, or events where a client wants to
/// hear of the progress. Sessions are names that nothing is kept of: they say
/// whose call `notifications/cancelled` ends.
///
/// `tools/call` hands `arguments` and the tool's own to the model as its
/// document, by the same queue and with the same limits as the predict
/// endpoint. What fails from there on is a result with `isError`, so that the
/// language model reads it. A client that leaves cancels its call.
/// @code
/// mcp_options options;
/// options.tools.push_back({.model = "square",
///                          .description = "Squares a number.",
///                          .input_schema = {{"type", "object"}}});
/// server.add(std::make_shared<mcp_spec>(std::move(options)));
/// @endcode
class mcp_spec : public spec {
public:
  /// @throws std::invalid_argument when `options.validate()` finds something
  explicit mcp_spec(mcp_options options);

  [[nodiscard]] const mcp_options& options() const noexcept {
    return options_;
  }

private:
  outcome post(const request& req, context& ctx) const;
  outcome answer_batch(nlohmann::json body, const request& req,
                       context& ctx) const;
  /// @param token of a client that wants to hear of the progress, or null
  outcome answer_legacy(mcp::message msg, const request& req, context& ctx,
                        nlohmann::json token) const;
  outcome answer_modern(mcp::message msg, const request& req,
                        nlohmann::json token) const;
  [[nodiscard]] nlohmann::json initialize(const mcp::message& msg) const;
  [[nodiscard]] nlohmann::json discover() const;
  [[nodiscard]] reply listen(const mcp::message& msg) const;
  [[nodiscard]] nlohmann::json list_tools(const mcp::message& msg) const;
  /// @param modern the request, in the modern era
  /// @param token as above
  model_call call_tool(mcp::message msg, const request* modern,
                       nlohmann::json token) const;
  [[nodiscard]] nlohmann::json modern_result(const mcp::message& msg,
                                             nlohmann::json result) const;
  [[nodiscard]] nlohmann::json cacheable(nlohmann::json result) const;
  void check_origin(const request& req) const;

  mcp_options options_;
  nlohmann::json server_info_;
  /// What `tools/list` answers.
  nlohmann::json tools_ = nlohmann::json::array();
  /// Of each tool.
  std::vector<std::vector<mcp::param_header>> param_headers_;
};

} // namespace troupe
