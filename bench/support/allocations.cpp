#include "troupe/bench/support/allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local std::uint64_t count = 0;

} // namespace

// The other forms without an alignment come down to these.
void* operator new(std::size_t size) {
  ++count;
  if (auto* result = std::malloc(size == 0 ? 1 : size))
    return result;
  throw std::bad_alloc{};
}

void operator delete(void* x) noexcept {
  std::free(x);
}

void operator delete(void* x, std::size_t) noexcept {
  std::free(x);
}

namespace troupe::bench {

std::uint64_t allocations() noexcept {
  return count;
}

} // namespace troupe::bench
