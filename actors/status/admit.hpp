#pragma once

#include "troupe/actors/status/model_state.hpp"
#include "troupe/specs/exchange/exchange.hpp"

#include <cstddef>
#include <memory>
#include <optional>

namespace troupe {

/// Says why a model takes no requests now, if it does not.
/// @param state null for one that always does
inline std::optional<failure> refusal_of(const model_state* state) {
  if (state == nullptr || state->accepts())
    return std::nullopt;
  return make_failure(errc::not_ready, state->refusal());
}

/// Takes a place within a bound for a request, which has it until its end.
/// @param bound null for none
/// @param above as in `admission_ticket`
/// @returns why there is none
inline std::optional<failure>
take_place(const std::shared_ptr<admission>& bound, exchange& ex,
           std::size_t above) {
  if (bound == nullptr)
    return std::nullopt;
  ex.ticket = admission_ticket{bound, above};
  if (ex.ticket)
    return std::nullopt;
  auto why = make_failure(errc::overloaded);
  set_retry_after(why, bound->backlog());
  return why;
}

} // namespace troupe
