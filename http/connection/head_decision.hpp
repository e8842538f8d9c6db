#pragma once

#include "troupe/http/connection/request_scope.hpp"
#include "troupe/http/wire/request_parser.hpp"

#include <cstdint>

namespace troupe {

/// What the end of a header section leads to.
enum class head_step : std::uint8_t {
  /// Answer now; no more of the request is read.
  answer,
  /// Read the body.
  read_body,
  /// Send `100 Continue`, then read the body.
  invite_body,
};

/// Decides what to do with a request whose header section is complete. Fills
/// the scope, and tells the parser what to do with the body.
/// @pre the parser's request has the client's address
/// @param reserve whether its connection is one of the reserve, which serves
///        one built-in
head_step decide_on_head(request_scope& scope, request_parser& parser,
                         bool reserve);

} // namespace troupe
