#pragma once

#include "troupe/actors/cluster/model_messages.hpp"
#include "troupe/specs/values/trace_context.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// From the values of `specs/` to those that travel, and back.
namespace troupe {

/// @param remaining how much longer the client waits
/// @param trace what the request belongs to: its header fields then say so,
///        which nodes of every version take
[[nodiscard]] model_request
to_call(const request& what, std::string_view request_id,
        std::optional<std::chrono::milliseconds> remaining,
        const trace_context& trace = {});

/// Reads the request of a call.
/// @throws std::invalid_argument for a method or fields that HTTP does not
///         have, and for a document that is not JSON
[[nodiscard]] request to_request(model_request x);

/// @throws std::runtime_error when a file cannot be read any more
/// @throws std::domain_error for a document that is nested too deeply
[[nodiscard]] message_body to_body(payload x);

/// Header fields that HTTP cannot carry are left out, as they are without a
/// node between; a status that HTTP does not have is an internal failure.
/// @throws as `to_body`
[[nodiscard]] model_answer to_answer(reply x);

/// Never throws for a failure that a model made.
[[nodiscard]] model_answer to_answer(const failure& why);

/// @param as_text whether a document comes as bytes of `application/json`: it
///        is sent, and nobody looks into it
/// @throws std::invalid_argument for a document that is not JSON
[[nodiscard]] payload to_payload(message_body x, bool as_text);

/// @pre !x.failed()
/// @throws std::invalid_argument for a status, fields or a document that an
///         answer cannot have
[[nodiscard]] reply to_reply(model_answer x, bool as_text);

/// Never throws for what came from elsewhere: a failure that makes no sense is
/// an internal one.
/// @pre x.failed()
[[nodiscard]] failure to_failure(const model_answer& x);

} // namespace troupe
