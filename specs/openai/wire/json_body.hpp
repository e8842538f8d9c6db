#pragma once

#include "troupe/specs/values/request.hpp"

#include <nlohmann/json.hpp>

namespace troupe::openai {

/// Reads a body that says it is JSON: `application/json`, `text/json` or
/// `...+json`. A browser does not send such a type to another site without
/// asking that site first, so a page cannot use a server that only its visitor
/// reaches.
/// @throws http_error 415, json_syntax_error
nlohmann::json read_json(const request& req);

} // namespace troupe::openai
