#include "troupe/cli/config/config_text.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Takes the library's prefix and the text read so far off its message.
std::string readable(std::string_view what) {
  if (auto i = what.find("column "); i != std::string_view::npos)
    if (auto j = what.find(": ", i); j != std::string_view::npos)
      what.remove_prefix(j + 2);
  if (auto i = what.find("] "); what.starts_with("[") && i < what.size())
    what.remove_prefix(i + 2);
  std::string result;
  if (auto i = what.find("; last read: "); i != std::string_view::npos) {
    auto rest = what.substr(i);
    auto j = rest.find("'; expected ");
    result = what.substr(0, i);
    if (j != std::string_view::npos)
      result += rest.substr(j + 1);
  } else {
    result = what;
  }
  if (contains(result, "unexpected '}'; expected string literal")
      || contains(result, "unexpected ']'; expected '['"))
    result += " (is there a comma too many before it?)";
  return result;
}

/// Builds the document as nlohmann does; keeps where and why it failed.
class building_handler : public nlohmann::detail::json_sax_dom_parser<json> {
public:
  using super = nlohmann::detail::json_sax_dom_parser<json>;

  explicit building_handler(json& document) : super(document, false) {
    // nop
  }

  template <class Exception>
  bool parse_error(std::size_t position, const std::string& token,
                   const Exception& e) {
    message = e.what();
    length = token_length(token);
    end = position;
    return false;
  }

  std::string message;
  std::size_t end = 0;
  std::size_t length = 1;

private:
  /// The lexer stands behind the token that it could not take; only strings
  /// and numbers come with their text.
  [[nodiscard]] std::size_t token_length(const std::string& token) const {
    if (contains(message, "unexpected string literal")
        || contains(message, "unexpected number literal")
        || contains(message, "number overflow"))
      return token.size();
    if (contains(message, "unexpected true literal")
        || contains(message, "unexpected null literal"))
      return 4;
    if (contains(message, "unexpected false literal"))
      return 5;
    return 1;
  }
};

} // namespace

config_text parse_config_text(std::string_view text) {
  config_text result;
  building_handler handler{result.document};
  if (!json::sax_parse(text.begin(), text.end(), &handler,
                       json::input_format_t::json, true, true)) {
    auto start = handler.end - std::min(handler.length, handler.end);
    throw config_syntax_error(position_of(text, start),
                              readable(handler.message));
  }
  result.positions = map_positions(text);
  return result;
}

} // namespace troupe
