#include "troupe/specs/mcp/tool_result.hpp"

#include "troupe/specs/input/base64.hpp"
#include "troupe/specs/input/validation_note.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/text/text.hpp"

#include <utility>

namespace troupe::mcp {

namespace {

using nlohmann::json;

/// The media type without parameters, in lower case.
std::string media_type(std::string_view content_type) {
  return lowered(trimmed(content_type.substr(0, content_type.find(';'))));
}

bool is_json(std::string_view type) {
  return type == "application/json" || type.ends_with("+json");
}

bool is_text(std::string_view type) {
  return type.empty() || type.starts_with("text/") || is_json(type)
         || type == "application/xml" || type == "application/x-ndjson";
}

/// Bytes that are JSON become the document that they are.
payload as_document(payload x) {
  auto* bytes = x.raw();
  if (bytes == nullptr || !is_json(media_type(bytes->content_type)))
    return x;
  try {
    return parse_json(bytes->data);
  } catch (const json_syntax_error&) {
    return x;
  }
}

} // namespace

void tool_result::take(std::size_t n) {
  if (streamed_ && (taken_ > max_bytes_ || n > max_bytes_ - taken_))
    throw http_error(500, "The answer is larger than "
                            + std::to_string(max_bytes_)
                            + " bytes; ask for a shorter one");
  taken_ += n;
}

void tool_result::append_text(std::string_view text) {
  take(text.size());
  if (!content_.empty() && content_.back()["type"] == "text")
    content_.back()["text"].get_ref<std::string&>() += text;
  else
    content_.push_back({{"type", "text"}, {"text", text}});
}

void tool_result::append_bytes(std::string bytes,
                               std::string_view content_type) {
  auto type = media_type(content_type);
  if (is_text(type)) {
    append_text(bytes);
    return;
  }
  take((bytes.size() + 2) / 3 * 4);
  auto data = to_base64(bytes);
  for (const auto* kind : {"image", "audio"}) {
    if (type.starts_with(std::string{kind} + '/')) {
      content_.push_back(
        {{"type", kind}, {"data", std::move(data)}, {"mimeType", type}});
      return;
    }
  }
  content_.push_back({{"type", "resource"},
                      {"resource",
                       {{"uri", "troupe:answer"},
                        {"mimeType", type},
                        {"blob", std::move(data)}}}});
}

void tool_result::append(payload& x) {
  if (const auto* document = x.json()) {
    if (document->is_string()) {
      append_text(document->get_ref<const std::string&>());
      return;
    }
    auto line = dump_json(*document);
    if (streamed_)
      line += '\n';
    append_text(line);
  } else if (!x.empty()) {
    std::string type{x.content_type()};
    append_bytes(std::move(x).take_text(), type);
  }
}

void tool_result::add(payload item) {
  streamed_ = true;
  item = as_document(std::move(item));
  append(item);
  auto* document = item.json();
  if (document == nullptr || document->is_string())
    items_ = nullptr;
  else if (items_.is_array())
    items_.push_back(std::move(*document));
}

json tool_result::finish(payload answer) {
  json structured;
  answer = as_document(std::move(answer));
  // An empty answer is a stream without items.
  if ((streamed_ || answer.empty()) && items_.is_array())
    structured = {{"items", std::move(items_)}};
  else if (const auto* x = answer.json(); !streamed_ && x && x->is_object())
    structured = *x;
  append(answer);
  json result{{"content", std::move(content_)}, {"isError", false}};
  if (!structured.is_null())
    result["structuredContent"] = std::move(structured);
  return result;
}

json error_result(std::string text) {
  auto content = json::array();
  content.push_back({{"type", "text"}, {"text", std::move(text)}});
  return {{"content", std::move(content)}, {"isError", true}};
}

json error_result(const failure& why) {
  auto detail = why.effective_detail();
  if (auto notes = notes_of(detail); !notes.empty()) {
    std::string text;
    for (const auto& x : notes)
      text.append(text.empty() ? "" : "\n").append(x.text());
    return error_result(std::move(text));
  }
  return error_result(detail.is_string() ? detail.get<std::string>()
                                         : dump_json(detail));
}

} // namespace troupe::mcp
