#include "troupe/actors/status/traffic_counters.hpp"

namespace troupe {

void traffic_counters::count_failed(errc code) noexcept {
  failed[static_cast<std::size_t>(code)].fetch_add(1,
                                                   std::memory_order_relaxed);
  switch (code) {
    case errc::overloaded:
    case errc::not_ready:
    case errc::draining:
    case errc::too_many_requests:
      refused.add();
      break;
    case errc::cancelled:
    case errc::deadline_exceeded:
      cancelled.add();
      break;
    default:
      count_finished();
  }
}

} // namespace troupe
