#include "troupe/actors/status/model_state.hpp"

#include <array>

namespace troupe {

namespace {

/// For the beginning of a sentence.
std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

} // namespace

std::string_view to_string(model_phase x) noexcept {
  // A model that wakes is being loaded, too; the only difference is that
  // requests wait for it.
  constexpr std::array<std::string_view, 7> names{
    "loading", "ready", "restarting", "failed", "stuck", "unloaded", "loading"};
  return names[static_cast<std::size_t>(x)];
}

std::string model_state::refusal(model_phase is, const std::string& why) const {
  auto result = capitalised(subject());
  result += is == model_phase::failed ? std::string{" failed"}
                                      : " is " + std::string{to_string(is)};
  if (!why.empty())
    result += ": " + why;
  return result;
}

std::string model_state::describe() const {
  const auto is_sick = phase() == model_phase::ready && !healthy();
  auto result =
    subject() + " is "
    + (is_sick ? std::string{"unhealthy"} : std::string{to_string(phase())});
  if (auto why = reason(); !why.empty())
    result += ": " + why;
  return result;
}

} // namespace troupe
