#include "troupe/specs/values/json.hpp"

#include <algorithm>

namespace troupe {

namespace {

using nlohmann::json;

/// Builds the document as nlohmann does and stops at the depth limit, before
/// a document exists that `dump` or a copy could not survive.
class bounded_builder : public nlohmann::detail::json_sax_dom_parser<json> {
public:
  using super = nlohmann::detail::json_sax_dom_parser<json>;

  bounded_builder(json& target, std::size_t max_depth)
    : super(target, false), left_(max_depth) {
    // nop
  }

  bool start_object(std::size_t n) {
    return enter() && super::start_object(n);
  }

  bool end_object() {
    ++left_;
    return super::end_object();
  }

  bool start_array(std::size_t n) {
    return enter() && super::start_array(n);
  }

  bool end_array() {
    ++left_;
    return super::end_array();
  }

  template <class Exception>
  bool parse_error(std::size_t, const std::string&, const Exception& e) {
    std::string_view text{e.what()};
    if (auto i = text.find("] "); i != std::string_view::npos)
      text.remove_prefix(i + 2);
    message = std::string{text};
    return false;
  }

  std::string message;

private:
  bool enter() {
    if (left_ == 0) {
      message = "nested too deeply";
      return false;
    }
    --left_;
    return true;
  }

  std::size_t left_;
};

} // namespace

json parse_json(std::string_view text, std::size_t max_depth) {
  json result;
  bounded_builder builder{result, max_depth};
  if (!json::sax_parse(text.begin(), text.end(), &builder))
    throw json_syntax_error("malformed JSON: " + builder.message);
  return result;
}

// NOLINTNEXTLINE(misc-no-recursion)
bool nested_deeper(const json& document, std::size_t depth) noexcept {
  if (!document.is_structured())
    return false;
  if (depth == 0)
    return true;
  auto deeper = [depth](const json& x) { return nested_deeper(x, depth - 1); };
  return std::any_of(document.begin(), document.end(), deeper);
}

std::string dump_json(const json& document) {
  std::string result;
  dump_json_to(result, document);
  return result;
}

void dump_json_to(std::string& out, const json& document) {
  if (nested_deeper(document, max_answer_depth))
    throw std::domain_error("JSON that is nested deeper than "
                            + std::to_string(max_answer_depth)
                            + " levels is not written");
  nlohmann::detail::serializer<json> writer{
    nlohmann::detail::output_adapter<char>{out}, ' ',
    json::error_handler_t::replace};
  writer.dump(document, false, false, 0);
}

std::string_view type_name(const json& value) noexcept {
  return value.type_name();
}

} // namespace troupe
