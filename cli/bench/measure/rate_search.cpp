#include "troupe/cli/bench/measure/rate_search.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe::load {

rate_search::rate_search(double low, double high, double precision)
  : high_(high), precision_(precision), current_(low) {
  if (!(low > 0) || high < low || !(precision > 0))
    throw std::invalid_argument("a search needs rates such as 100:100000");
}

std::optional<double> rate_search::next() const {
  if (worst_ && !best_)
    return std::nullopt; // not even the lowest
  if (best_ && worst_ && *worst_ <= *best_ * (1 + precision_))
    return std::nullopt;
  if (unbounded())
    return std::nullopt;
  return current_;
}

void rate_search::report(bool holds) {
  if (holds)
    best_ = std::max(best_.value_or(0), current_);
  else
    worst_ = std::min(worst_.value_or(current_), current_);
  if (!best_)
    return;
  current_ = worst_ ? (*best_ + *worst_) / 2 : std::min(*best_ * 2, high_);
}

} // namespace troupe::load
