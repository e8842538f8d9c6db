#include "troupe/specs/worker/json_out.hpp"

#include <array>
#include <charconv>

namespace troupe::worker {

void append_number(std::string& out, std::uint64_t x) {
  std::array<char, 20> digits{};
  auto [end, ec] =
    std::to_chars(digits.data(), digits.data() + digits.size(), x);
  out.append(digits.data(), end);
}

} // namespace troupe::worker
