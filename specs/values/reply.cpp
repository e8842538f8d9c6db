#include "troupe/specs/values/reply.hpp"

#include "troupe/specs/json/json.hpp"
#include "troupe/specs/values/path.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe {

namespace {

/// With a name in ASCII that every client reads, and the true one beside it
/// when it is another (RFC 6266 section 4.3).
std::string attachment(std::string_view download_name) {
  std::string name{download_name};
  // What a client could take for a folder.
  std::replace(name.begin(), name.end(), '/', '_');
  std::replace(name.begin(), name.end(), '\\', '_');
  auto plain = name;
  std::replace_if(
    plain.begin(), plain.end(),
    [](char c) { return c < 0x20 || c >= 0x7F || c == '"'; }, '_');
  std::string result{"attachment; filename=\""};
  result.append(plain).append("\"");
  if (plain != name)
    result.append("; filename*=UTF-8''").append(percent_encode_path(name));
  return result;
}

} // namespace

std::string_view payload::content_type() const noexcept {
  if (is_json())
    return "application/json";
  if (const auto* b = raw())
    return b->content_type;
  if (const auto* f = from_file())
    return f->content_type;
  return {};
}

std::string payload::take_text() && {
  if (auto* document = json()) {
    auto text = dump_json(*document);
    discard(*document);
    return text;
  }
  if (auto* written = std::get_if<json_text>(&value_))
    return std::move(written->text);
  if (auto* b = raw())
    return std::move(b->data);
  std::string result;
  if (const auto* f = from_file())
    if (auto& x = *f->source;
        !x.read(0, static_cast<std::size_t>(x.size()), result))
      throw std::runtime_error("cannot read the file " + x.path().string());
  return result;
}

reply text_reply(std::string text, int status, std::string content_type) {
  return {status, {}, payload{std::move(text), std::move(content_type)}};
}

reply json_reply(nlohmann::json document, int status) {
  return {status, {}, payload{std::move(document)}};
}

reply file_reply(const std::filesystem::path& path, std::string content_type,
                 std::string_view download_name) {
  reply result;
  result.body =
    payload::file{std::make_shared<file_source>(path), std::move(content_type)};
  if (!download_name.empty())
    result.headers.add("Content-Disposition", attachment(download_name));
  return result;
}

} // namespace troupe
