#include "troupe/specs/observe/refusal_reason.hpp"

#include <array>

namespace troupe {

std::string_view to_string(refusal_reason x) noexcept {
  constexpr std::array<std::string_view, refusal_reason_count> names{
    "none",        "queue_full", "not_ready", "draining",     "rate_limit",
    "concurrency", "deadline",   "resources", "shunned_input"};
  return names[static_cast<std::size_t>(x)];
}

refusal_reason refusal_of(errc code) noexcept {
  switch (code) {
    case errc::overloaded:
      return refusal_reason::queue_full;
    case errc::not_ready:
      return refusal_reason::not_ready;
    case errc::draining:
      return refusal_reason::draining;
    case errc::too_many_requests:
      return refusal_reason::rate_limit;
    default:
      return refusal_reason::none;
  }
}

} // namespace troupe
