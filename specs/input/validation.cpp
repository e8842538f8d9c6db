#include "troupe/specs/input/validation.hpp"

#include "troupe/specs/text/text.hpp"

namespace troupe {

validation_error wrong_type(std::string_view expected, std::string_view got) {
  std::string text{"expected "};
  text += expected;
  text += ", got ";
  text += got;
  return {"type_error", std::move(text)};
}

validation_error wrong_type(std::string_view expected,
                            const nlohmann::json& got) {
  return wrong_type(expected, type_name(got));
}

validation_error from_nlohmann(const nlohmann::json::exception& e) {
  std::string_view text{e.what()};
  // nlohmann writes "[json.exception.out_of_range.403] key 'x' not found".
  if (auto end = text.find("] "); end != std::string_view::npos)
    text.remove_prefix(end + 2);
  constexpr int missing_key = 403;
  if (e.id == missing_key) {
    auto first = text.find('\'');
    auto last = text.rfind('\'');
    if (first != std::string_view::npos && last > first)
      return missing_field(text.substr(first + 1, last - first - 1));
  }
  std::string message{text};
  // A hand-written `from_json` that asked nlohmann for a form's field.
  constexpr std::string_view binary = "but is binary";
  if (message.ends_with(binary))
    message.replace(message.size() - binary.size(), binary.size(),
                    "but is the text of a form; read it with read_field");
  // It may contain a key that the client chose.
  return {"type_error", clipped(message)};
}

} // namespace troupe
