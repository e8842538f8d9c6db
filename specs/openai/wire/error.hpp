#pragma once

#include "troupe/specs/values/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::openai {

/// Renders a failure in OpenAI's envelope:
/// `{"error":{"message":"...","type":"...","param":null,"code":null}}`.
/// - `message` is the failure's text, or the text and place of the first
///   `validation_error`; `param` is that place, e.g. `messages[0].content`.
/// - `type` follows the status: `invalid_request_error`,
///   `authentication_error` (401), `permission_error` (403), `not_found_error`
///   (404), `rate_limit_error` (429), `unavailable_error` (503), `server_error`
///   (other 5xx).
/// - `code` is a word for programs, e.g. `invalid_api_key`, `overloaded`.
/// A failure whose detail is an object with `message` may bring `type`,
/// `param` and `code` of its own. 422 becomes 400, which is what OpenAI
/// answers to a body of the wrong shape; a `validation_error` of the type
/// `context_length_exceeded` has that code. Headers, e.g. `Retry-After`, are
/// kept; a deadline that passed has those of `forbid_retry`.
reply render_error(const failure& why);

/// The type of a `validation_error` for a prompt that is too long.
inline constexpr std::string_view context_length_exceeded =
  "context_length_exceeded";

/// Tells OpenAI's clients not to repeat the request, which they would do after
/// a 5xx.
void forbid_retry(header_map& headers);

/// Makes the 400 for one field.
/// @param param the field, e.g. `dimensions`; may be empty
http_error bad_request(std::string_view param, const std::string& message);

/// Makes the 404 for a model that is not served.
/// @param served the names that are
http_error model_not_found(std::string_view name,
                           const std::vector<std::string>& served);

/// Quotes a client's text for a message: at most 64 bytes of it.
std::string quote(std::string_view text);

} // namespace troupe::openai
