#include "troupe/cli/bench/load/arrivals.hpp"

#include <cmath>
#include <stdexcept>

namespace troupe::load {

namespace {

arrivals::duration seconds(double x) {
  return arrivals::duration{std::llround(x * 1e9)};
}

} // namespace

arrivals::arrivals(arrival_kind kind, double rate, std::uint64_t seed,
                   double phase)
  : kind_(kind), rate_(rate), phase_(phase), random_(seed) {
  if (!(rate > 0))
    throw std::invalid_argument("a rate must be above 0");
  if (kind_ == arrival_kind::constant)
    next_ = seconds(phase_ / rate_);
  else
    advance();
}

void arrivals::advance() {
  if (kind_ == arrival_kind::constant) {
    // From the count, so that rounding does not add up.
    ++count_;
    next_ = seconds((static_cast<double>(count_) + phase_) / rate_);
  } else {
    next_ += seconds(std::exponential_distribution<double>{rate_}(random_));
  }
}

} // namespace troupe::load
