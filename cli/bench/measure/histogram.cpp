#include "troupe/cli/bench/measure/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace troupe::load {

namespace {

/// Values below 2^11 have buckets of their own; each doubling above is cut
/// into 2^10 buckets.
constexpr unsigned digits = 10;
constexpr std::uint64_t half = 1UL << digits;

} // namespace

std::size_t histogram::index_of(std::uint64_t ns) noexcept {
  if (ns < 2 * half)
    return ns;
  auto shift = static_cast<unsigned>(std::bit_width(ns)) - (digits + 1);
  return shift * half + (ns >> shift);
}

std::uint64_t histogram::highest_of(std::size_t index) noexcept {
  if (index < 2 * half)
    return index;
  auto shift = index / half - 1;
  auto head = index - shift * half;
  return ((head + 1) << shift) - 1;
}

void histogram::record(duration value, std::uint64_t times) {
  if (times == 0)
    return;
  value = std::clamp(value, duration::zero(), longest);
  auto index = index_of(static_cast<std::uint64_t>(value.count()));
  if (index >= counts_.size())
    counts_.resize(std::max(index + 1, counts_.size() * 2));
  counts_[index] += times;
  count_ += times;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
  auto x = static_cast<double>(value.count());
  sum_ += x * static_cast<double>(times);
  sum_of_squares_ += x * x * static_cast<double>(times);
}

void histogram::merge(const histogram& other) {
  if (other.counts_.size() > counts_.size())
    counts_.resize(other.counts_.size());
  for (std::size_t i = 0; i < other.counts_.size(); ++i)
    counts_[i] += other.counts_[i];
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
  sum_of_squares_ += other.sum_of_squares_;
}

histogram::duration histogram::percentile(double percent) const {
  if (count_ == 0)
    return duration::zero();
  auto share = std::clamp(percent, 0.0, 100.0) / 100;
  auto rank =
    std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(
                                 share * static_cast<double>(count_) - 1e-9)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank)
      return std::min(max_, duration{highest_of(i)});
  }
  return max_;
}

double histogram::share_within(duration limit) const {
  if (count_ == 0 || limit >= max_)
    return 1;
  if (limit < duration::zero())
    return 0;
  auto last = index_of(static_cast<std::uint64_t>(limit.count()));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i <= last && i < counts_.size(); ++i)
    seen += counts_[i];
  return static_cast<double>(seen) / static_cast<double>(count_);
}

histogram::duration histogram::min() const noexcept {
  return count_ == 0 ? duration::zero() : min_;
}

histogram::duration histogram::mean() const {
  if (count_ == 0)
    return duration::zero();
  return duration{std::llround(sum_ / static_cast<double>(count_))};
}

histogram::duration histogram::standard_deviation() const {
  if (count_ == 0)
    return duration::zero();
  auto n = static_cast<double>(count_);
  auto mean = sum_ / n;
  auto variance = std::max(0.0, sum_of_squares_ / n - mean * mean);
  return duration{std::llround(std::sqrt(variance))};
}

std::vector<histogram::bucket> histogram::buckets() const {
  std::vector<bucket> result;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] != 0)
      result.push_back({std::min(max_, duration{highest_of(i)}), counts_[i]});
  return result;
}

} // namespace troupe::load
