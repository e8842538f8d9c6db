#include "troupe/actors/routing/dispatch.hpp"

namespace troupe {

void sweep(const route_target& target, std::uint32_t shard,
           execution_unit* host) {
  if (!target.pool.empty())
    tell_on(host, target.pool.of(shard), atom::sweep_v);
  else if (!target.spec.empty())
    tell_on(host, target.spec.of(shard), atom::sweep_v);
}

std::optional<failure> dispatch(const route_target& target, exchange_ptr& ex,
                                execution_unit* host, std::size_t above) {
  if (target.state != nullptr)
    if (auto* series = target.state->series())
      ex->facts.handed_to(*series);
  if (target.authorize)
    if (auto refusal = target.authorize(*ex))
      return refusal;
  if (target.state != nullptr && !target.state->accepts())
    return make_failure(errc::not_ready, target.state->refusal());
  if (target.admission != nullptr) {
    ex->ticket = admission_ticket{target.admission, above};
    if (!ex->ticket) {
      auto why = make_failure(errc::overloaded);
      set_retry_after(why, target.admission->backlog());
      return why;
    }
  }
  const auto shard = ex->shard;
  if (!target.pool.empty())
    tell_on(host, target.pool.of(shard), std::move(ex));
  else if (!target.spec.empty())
    tell_on(host, target.spec.of(shard), std::move(ex));
  else
    return make_failure(errc::not_found);
  return std::nullopt;
}

} // namespace troupe
