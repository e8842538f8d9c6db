#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// A model, as an MCP client sees it.
struct mcp_tool {
  /// 1 to 128 letters, digits, `_ - .`; empty takes the model's name.
  std::string name = {};
  /// The name of the model that answers.
  std::string model = {};
  /// What it does, for the language model that decides whether to call it.
  std::string description = {};
  /// The JSON Schema of a call's arguments, of type `object`.
  nlohmann::json input_schema = nullptr;
  /// Arguments that every call has, an object or null: they are set over the
  /// caller's, and `input_schema` does not name them. For a model that streams
  /// unless it is told not to: `{"stream": false}`.
  nlohmann::json arguments = nullptr;
  /// The JSON Schema of the answer, of type `object`, with the keywords of
  /// schema/schema_keywords.hpp; null for none. With one, an answer that does
  /// not match it is an error.
  nlohmann::json output_schema = nullptr;
  /// For people; empty for none.
  std::string title = {};

  [[nodiscard]] const std::string& effective_name() const noexcept {
    return name.empty() ? model : name;
  }
};

/// How models are served as the tools of an MCP server.
struct mcp_options {
  /// What clients show. Two MCP servers in one process need different ones.
  std::string name = "troupe";
  std::string version = "1.0.0";
  /// How to use the server, for the language model; empty for none.
  std::string instructions = {};
  std::vector<mcp_tool> tools = {};
  /// The endpoint's pattern.
  std::string path = "/mcp";
  /// Who may call it.
  troupe::access access = troupe::access::key;
  conflict_policy on_conflict = conflict_policy::error;
  /// The values of `Origin` that are let in, e.g. `https://chat.example.com`,
  /// without a path; `*` lets in all. Unset: those of this machine
  /// (`localhost`, `127.*`, `[::1]`). Requests without `Origin` do not come
  /// from a browser and always pass.
  std::optional<std::vector<std::string>> allowed_origins = {};
  /// How much of a streaming model's answer is collected, in bytes of text.
  std::size_t max_stream_bytes = 4UL * 1024 * 1024;

  /// @returns what is wrong, after the key and a colon, e.g.
  ///          `tools.0.description: ...`; or "".
  [[nodiscard]] std::string validate() const;
};

} // namespace troupe
