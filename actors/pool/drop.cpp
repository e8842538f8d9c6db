#include "troupe/actors/pool/drop.hpp"

namespace troupe {

void drop(exchange& ex, errc code, std::string_view detail) {
  ex.abandon(make_failure(code, detail));
  ex.ticket.release();
}

void drop_shunned(exchange& ex) {
  ex.facts.refused(refusal_reason::shunned_input);
  drop(ex, errc::worker_died,
       "Workers died of this input; it is not tried again for a while");
}

bool dropped(exchange& ex, deadline_clock::time_point now) {
  if (ex.cancelled()) {
    drop(ex, errc::cancelled);
    return true;
  }
  if (ex.expired(now)) {
    drop(ex, errc::deadline_exceeded);
    return true;
  }
  return false;
}

bool is_wanted(const exchange_ptr& ex) {
  return !ex->ended() && !ex->cancelled();
}

} // namespace troupe
