#include "troupe/bench/cluster/queueing.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <numeric>

namespace troupe::bench {

erlang_c::erlang_c(std::uint32_t servers, double load) {
  const auto offered = load * servers;
  // Erlang's B, by its recursion, which stays within [0, 1].
  auto blocked = 1.0;
  for (std::uint32_t i = 1; i <= servers; ++i)
    blocked = offered * blocked / (i + offered * blocked);
  waiting = blocked / (1 - load * (1 - blocked));
  rate_ = servers * (1 - load);
  mean = waiting / rate_;
}

double erlang_c::percentile(double p) const {
  return std::max(std::log(waiting / (1 - p / 100)) / rate_, 0.0);
}

const char* to_string(service_kind x) {
  switch (x) {
    case service_kind::constant:
      return "constant";
    case service_kind::exponential:
      return "exponential";
    case service_kind::lognormal:
      return "lognormal";
  }
  return "";
}

double dice::uniform() {
  return static_cast<double>(random_() >> 11) * 0x1p-53;
}

std::uint32_t dice::below(std::uint32_t n) {
  return static_cast<std::uint32_t>(uniform() * n);
}

double dice::exponential() {
  return -std::log1p(-uniform());
}

double dice::service(service_kind kind) {
  if (kind == service_kind::constant)
    return 1;
  if (kind == service_kind::exponential)
    return exponential();
  constexpr auto sigma = 1.5;
  const auto normal =
    std::sqrt(2 * exponential()) * std::cos(2 * std::numbers::pi * uniform());
  return std::exp(sigma * normal - sigma * sigma / 2);
}

batch_means mean_of(const std::vector<float>& values) {
  constexpr std::size_t batches = 20;
  // Student's t with 19 degrees of freedom.
  constexpr auto t999 = 3.883;
  const auto size = values.size() / batches;
  batch_means result;
  if (size == 0)
    return result;
  std::vector<double> means;
  for (std::size_t i = 0; i < batches; ++i) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(i * size);
    means.push_back(
      std::accumulate(first, first + static_cast<std::ptrdiff_t>(size), 0.0)
      / static_cast<double>(size));
  }
  result.mean = std::accumulate(means.begin(), means.end(), 0.0) / batches;
  auto squares = 0.0;
  for (auto x : means)
    squares += (x - result.mean) * (x - result.mean);
  result.error = t999 * std::sqrt(squares / (batches - 1) / batches);
  return result;
}

double percentile_of(std::vector<float>& values, double p) {
  if (values.empty())
    return 0;
  const auto rank = static_cast<std::ptrdiff_t>(
    p / 100 * static_cast<double>(values.size() - 1));
  const auto at = values.begin() + rank;
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

} // namespace troupe::bench
