#pragma once

#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/exchange/span.hpp"

#include <string_view>

namespace troupe {

/// Makes a call that is done for a request a part of its trace.
/// @pre nobody else has `call` yet
inline void continue_trace(exchange& call, const request_trace& of) {
  if (!of.context)
    return;
  call.trace.context = of.recorded() ? child_of(of.context) : of.context;
  call.trace.sink = of.sink;
  call.facts.in_detail = of.recorded();
}

/// Records a call of a model that has ended: a span `VERB MODEL` with `queue`
/// and `predict` below it. Does nothing for one that is not recorded.
/// @param parent the span that the call is a part of
/// @param step of a pipeline, for which it was made
/// @pre the facts of `call` have its end
void record_call(const exchange& call, const trace_context::span_bytes& parent,
                 std::string_view verb, std::string_view step = {}) noexcept;

} // namespace troupe
