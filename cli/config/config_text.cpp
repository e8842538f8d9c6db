#include "troupe/cli/config/config_text.hpp"

#include "troupe/cli/config/pointer.hpp"
#include "troupe/specs/json/json.hpp"

#include <map>

namespace troupe {

namespace {

using nlohmann::json;

/// Builds the document and notes where its values stand.
class config_builder {
public:
  explicit config_builder(std::string_view text)
    : in_(text, {}, json_dialect::commented), at_(text) {
    // nop
  }

  config_text run() {
    in_.next();
    result_.document = value({}, here());
    in_.finish();
    return std::move(result_);
  }

private:
  text_position here() {
    return at_.advance_to(in_.offset());
  }

  // As deep as `max_json_depth`.
  // NOLINTNEXTLINE(misc-no-recursion)
  json value(const std::string& pointer, text_position key) {
    result_.positions.set(pointer, {key, here()});
    if (in_.token() == json_token::begin_object)
      return object(pointer);
    if (in_.token() == json_token::begin_array)
      return array(pointer);
    return read_document(in_);
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  json object(const std::string& pointer) {
    auto result = json::object();
    std::map<std::string, text_position> seen;
    while (in_.next() != json_token::end_object) {
      auto where = here();
      std::string name{in_.text()};
      auto inner = child(pointer, name);
      if (auto [first, added] = seen.emplace(name, where); !added)
        result_.positions.repeat({inner, first->second, where});
      in_.next();
      result[name] = value(inner, where);
    }
    return result;
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  json array(const std::string& pointer) {
    auto result = json::array();
    while (in_.next() != json_token::end_array)
      result.push_back(value(child(pointer, result.size()), here()));
    return result;
  }

  json_reader in_;
  text_cursor at_;
  config_text result_;
};

} // namespace

config_text parse_config_text(std::string_view text) {
  try {
    return config_builder{text}.run();
  } catch (const json_syntax_error& e) {
    throw config_syntax_error(text_cursor{text}.advance_to(e.offset()),
                              e.reason());
  }
}

} // namespace troupe
