#include "troupe/specs/input/field_text.hpp"

namespace troupe {

namespace {

/// No JSON text becomes a binary value, so this is ours.
constexpr std::uint8_t text_subtype = 0x74;

} // namespace

nlohmann::json field_text(std::string_view text) {
  return nlohmann::json::binary({text.begin(), text.end()}, text_subtype);
}

std::optional<std::string_view>
text_of_field(const nlohmann::json& value) noexcept {
  if (!value.is_binary())
    return std::nullopt;
  const auto& bytes = value.get_ref<const nlohmann::json::binary_t&>();
  if (!bytes.has_subtype() || bytes.subtype() != text_subtype)
    return std::nullopt;
  return std::string_view{reinterpret_cast<const char*>(bytes.data()),
                          bytes.size()};
}

namespace reading {

std::optional<bool> boolean_in(std::string_view text) noexcept {
  for (auto x : {"true", "1", "on"})
    if (text == x)
      return true;
  for (auto x : {"false", "0", "off"})
    if (text == x)
      return false;
  return std::nullopt;
}

} // namespace reading

} // namespace troupe
