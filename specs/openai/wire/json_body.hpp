#pragma once

#include "troupe/specs/values/request.hpp"

#include <nlohmann/json.hpp>

namespace troupe::openai {

/// Reads a body that says it is JSON: `application/json`, `text/json` or
/// `...+json`. A browser sends no other type from one site to another without
/// asking, so that a page cannot use the server of who looks at it.
/// @throws http_error 415, json_syntax_error
nlohmann::json read_json(const request& req);

} // namespace troupe::openai
