#pragma once

#include "troupe/specs/exchange/exchange.hpp"

namespace troupe {

/// Copies all of a request but its body.
request without_its_body(const request& x);

/// Copies the request of an exchange for a further call, without a copy of its
/// body: that stays in `ex`, which the copy keeps.
request shared_request(const exchange_ptr& ex);

/// Returns the body of an exchange's request, which keeps `ex`.
shared_bytes shared_body(const exchange_ptr& ex);

} // namespace troupe
