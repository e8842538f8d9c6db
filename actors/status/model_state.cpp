#include "troupe/actors/status/model_state.hpp"

#include <array>

namespace troupe {

std::string_view to_string(model_phase x) noexcept {
  constexpr std::array<std::string_view, 4> names{"loading", "ready",
                                                  "restarting", "failed"};
  return names[static_cast<std::size_t>(x)];
}

} // namespace troupe
