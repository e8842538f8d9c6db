#include "troupe/actors/pool/queue_bounds.hpp"

#include <algorithm>

namespace troupe {

namespace {

std::chrono::milliseconds to_milliseconds(deadline_clock::duration x) {
  return std::chrono::ceil<std::chrono::milliseconds>(x);
}

void refuse(exchange& ex, failure why, deadline_clock::duration pause) {
  set_retry_after(why, to_milliseconds(pause));
  ex.abandon(std::move(why));
  ex.ticket.release();
}

} // namespace

bool queue_bounds::refuses(exchange& ex, const queue_position& at,
                           const fair_queue& queue, time_point now) {
  if (max_per_client_ > 0 && has_too_many(ex, at)) {
    ex.facts.refused(refusal_reason::concurrency);
    refuse(ex,
           make_failure(errc::too_many_requests,
                        std::string{"This client has "}
                          .append(std::to_string(max_per_client_))
                          .append(" requests of the model in work, and may not "
                                  "have more at once")),
           meter_.call());
    return true;
  }
  if (!meter_.is_saturated())
    return false;
  const auto begin = now + meter_.until_begin(queue.ahead_of(at));
  if (ex.time.can_make(begin, meter_.call()))
    return false;
  ex.facts.refused(refusal_reason::deadline);
  overload(ex, queue,
           "The queue is too long for the time that the request has");
  return true;
}

bool queue_bounds::has_too_many(exchange& ex, const queue_position& at) {
  constexpr std::size_t least = 64;
  if (clients_.size() >= forget_at_) {
    std::erase_if(clients_,
                  [](const auto& x) { return x.second->taken() == 0; });
    forget_at_ = std::max(least, clients_.size() * 2);
  }
  auto& bound = clients_[at.client];
  if (bound == nullptr)
    bound = std::make_shared<admission>(max_per_client_);
  ex.in_pool.client_ticket = admission_ticket{bound};
  return !ex.in_pool.client_ticket;
}

void queue_bounds::overload(exchange& ex, const fair_queue& queue,
                            std::string_view detail) const {
  refuse(ex, make_failure(errc::overloaded, detail),
         meter_.until_begin(queue.size()));
}

void queue_bounds::note(const fair_queue& queue, bool busy, time_point now) {
  const auto waits = !queue.empty();
  if (!waits && !meter_.is_saturated())
    return;
  meter_.saturated(waits && busy, now);
  if (bound_ != nullptr)
    bound_->backlog(to_milliseconds(meter_.until_begin(queue.size())));
}

} // namespace troupe
