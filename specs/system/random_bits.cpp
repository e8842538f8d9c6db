#include "troupe/specs/system/random_bits.hpp"

#include <array>
#include <bit>
#include <random>

namespace troupe {

namespace {

/// xoshiro256** by David Blackman and Sebastiano Vigna. The standard's
/// `mt19937_64` has 2.5 KB for each thread.
class bit_generator {
public:
  bit_generator() {
    std::random_device random;
    for (auto& word : state_)
      word = std::uint64_t{random()} << 32U | random();
    // A state of zeros stays so.
    state_[0] |= 1U;
  }

  std::uint64_t next() noexcept {
    const auto result = std::rotl(state_[1] * 5, 7) * 9;
    const auto shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

private:
  std::array<std::uint64_t, 4> state_{};
};

} // namespace

std::uint64_t random_bits() {
  thread_local bit_generator generator;
  return generator.next();
}

} // namespace troupe
