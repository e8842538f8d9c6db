#include "troupe/actors/routing/dispatch.hpp"

#include "troupe/actors/cache/response_cache.hpp"
#include "troupe/actors/status/admit.hpp"

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
  if (auto why = refusal_of(target.state.get()))
    return why;
  if (target.cache != nullptr)
    return target.cache->ask(ex, host, above);
  if (auto why = take_place(target.admission, *ex, above))
    return why;
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
