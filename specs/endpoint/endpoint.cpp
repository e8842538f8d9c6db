#include "troupe/specs/endpoint/endpoint.hpp"

#include <array>

namespace troupe {

std::string_view to_string(access x) noexcept {
  constexpr std::array<std::string_view, 3> names{"public", "key", "admin"};
  return names[static_cast<std::size_t>(x)];
}

std::string_view to_string(conflict_policy x) noexcept {
  constexpr std::array<std::string_view, 3> names{"error", "keep-first",
                                                  "override"};
  return names[static_cast<std::size_t>(x)];
}

std::string_view to_string(endpoint_kind x) noexcept {
  constexpr std::array<std::string_view, 4> names{"predict", "spec", "route",
                                                  "built-in"};
  return names[static_cast<std::size_t>(x)];
}

} // namespace troupe
