#include "troupe/specs/reply.hpp"

#include "troupe/specs/json.hpp"

namespace troupe {

std::string_view payload::content_type() const noexcept {
  if (json() != nullptr)
    return "application/json";
  if (const auto* b = raw())
    return b->content_type;
  return {};
}

std::string payload::take_text() && {
  if (const auto* document = json())
    return dump_json(*document);
  if (auto* b = raw())
    return std::move(b->data);
  return {};
}

reply text_reply(std::string text, int status, std::string content_type) {
  return {status, {}, payload{std::move(text), std::move(content_type)}};
}

reply json_reply(nlohmann::json document, int status) {
  return {status, {}, payload{std::move(document)}};
}

} // namespace troupe
