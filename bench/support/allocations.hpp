#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>

namespace troupe::bench {

/// Returns how often the calling thread has taken memory by `new`.
std::uint64_t allocations() noexcept;

/// Adds the column `allocations`, for each iteration, to a row. Stands before
/// the loop, whose thread is the one that counts.
class allocation_count {
public:
  explicit allocation_count(benchmark::State& state)
    : state_(state), before_(allocations()) {
    // nop
  }

  ~allocation_count() {
    state_.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocations() - before_),
                         benchmark::Counter::kAvgIterations);
  }

  allocation_count(const allocation_count&) = delete;
  allocation_count& operator=(const allocation_count&) = delete;

private:
  benchmark::State& state_;
  std::uint64_t before_;
};

} // namespace troupe::bench
