#include "troupe/specs/input/form.hpp"

#include "troupe/specs/input/field_text.hpp"
#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/text/text.hpp"
#include "troupe/specs/text/utf8.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/path.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace troupe {

namespace {

[[noreturn]] void broken(std::string_view what) {
  std::string text{"malformed multipart body: "};
  throw http_error(400, text.append(what));
}

/// Cuts `text` at the first `mark`.
/// @returns what stands before it; nothing when there is no mark.
std::optional<std::string_view> cut(std::string_view& text,
                                    std::string_view mark) {
  auto i = text.find(mark);
  if (i == std::string_view::npos)
    return std::nullopt;
  auto result = text.substr(0, i);
  text.remove_prefix(i + mark.size());
  return result;
}

/// Takes a parameter's value off the front, a token or a quoted string. A
/// backslash stands for itself, except before `"` or another backslash:
/// browsers send it as it is, `a\b.png`, and other clients double it.
std::string take_value(std::string_view& text) {
  std::string result;
  if (!text.starts_with('"')) {
    auto value = text.substr(0, text.find(';'));
    text.remove_prefix(value.size());
    return std::string{trimmed(value)};
  }
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.starts_with("\\\"") || text.starts_with("\\\\"))
      text.remove_prefix(1);
    result += text.front();
    text.remove_prefix(1);
  }
  auto rest = text.find(';');
  text.remove_prefix(std::min(text.size(), rest));
  return result;
}

/// The parameter; unlike "", nothing means that there is none.
std::optional<std::string> find_parameter(std::string_view value,
                                          std::string_view name) {
  auto first = value.find(';');
  value.remove_prefix(std::min(value.size(), first));
  while (value.starts_with(';')) {
    value.remove_prefix(1);
    auto key = trimmed(value.substr(0, value.find_first_of("=;")));
    auto next = value.find_first_of("=;");
    value.remove_prefix(std::min(value.size(), next));
    if (!value.starts_with('='))
      continue;
    value.remove_prefix(1);
    while (value.starts_with(' '))
      value.remove_prefix(1);
    auto text = take_value(value);
    if (iequals(key, name))
      return text;
  }
  return std::nullopt;
}

/// Browsers write `"` and line ends in names like this (WHATWG HTML, "multipart
/// form data").
std::string unescaped_name(std::string_view name) {
  std::string result;
  result.reserve(name.size());
  while (!name.empty()) {
    auto code = name.substr(0, 3);
    auto c = name.front();
    if (code == "%22")
      c = '"';
    else if (code == "%0D")
      c = '\r';
    else if (code == "%0A")
      c = '\n';
    else
      code = name.substr(0, 1);
    result += c;
    name.remove_prefix(code.size());
  }
  return result;
}

/// Decodes `UTF-8'en'%e2%82%ac` (RFC 8187 section 3.2.1). A text of another
/// form or character set stays as it is.
std::string extended_value(std::string text) {
  std::string_view rest{text};
  auto charset = cut(rest, "'");
  if (!charset || !cut(rest, "'"))
    return text;
  auto bytes = percent_decode(rest);
  if (iequals(*charset, "UTF-8"))
    return bytes;
  if (!iequals(*charset, "ISO-8859-1"))
    return text;
  std::string result;
  for (auto c : bytes)
    append_code_point(result, static_cast<unsigned char>(c));
  return result;
}

/// The name of a part's file, or nothing when it is a field. RFC 7578 section
/// 4.2 forbids `filename*`, and some clients send nothing else.
std::optional<std::string> file_name_of(std::string_view disposition) {
  if (auto plain = find_parameter(disposition, "filename"))
    return unescaped_name(*plain);
  if (auto extended = find_parameter(disposition, "filename*"))
    return extended_value(std::move(*extended));
  return std::nullopt;
}

/// Bounds what the fields of a form hold, before it is copied.
void take_text(std::size_t& so_far, std::size_t more) {
  so_far += more;
  if (so_far > max_form_text)
    throw http_error(413, "the fields of a form hold at most 4 MiB together; "
                          "send larger ones as files, with a filename");
}

/// What a part's header section says.
struct part_head {
  std::string name = {};
  /// Set for a file.
  std::optional<std::string> file_name = {};
  std::string content_type = {};
};

part_head read_head(std::string_view head) {
  std::optional<std::string> disposition;
  std::optional<std::string> content_type;
  while (!head.empty()) {
    auto line = cut(head, "\r\n").value_or(head);
    if (line.data() == head.data())
      head = {};
    auto colon = line.find(':');
    if (colon == std::string_view::npos)
      broken("a part's header line has no colon");
    auto name = line.substr(0, colon);
    auto value = trimmed(line.substr(colon + 1));
    // Readers that choose different ones can be played off against each other.
    auto once = [&](std::optional<std::string>& field) {
      if (field)
        broken(std::string{"a part repeats "}.append(name));
      field = value;
    };
    if (iequals(name, "Content-Disposition"))
      once(disposition);
    else if (iequals(name, "Content-Type"))
      once(content_type);
    else if (iequals(name, "Content-Transfer-Encoding")
             && !iequals(value, "binary") && !iequals(value, "8bit")
             && !iequals(value, "7bit"))
      broken("Content-Transfer-Encoding is not supported (RFC 7578 section "
             "4.7); send the bytes as they are");
  }
  auto is_form_data = [](std::string_view x) {
    return iequals(trimmed(x.substr(0, x.find(';'))), "form-data");
  };
  if (!disposition || !is_form_data(*disposition))
    broken("a part has no Content-Disposition: form-data");
  auto name = find_parameter(*disposition, "name");
  if (!name)
    broken("a part has no name");
  part_head result;
  result.name = unescaped_name(*name);
  result.file_name = file_name_of(*disposition);
  result.content_type = content_type.value_or("text/plain");
  return result;
}

/// Cuts off a part's header section.
std::string_view cut_head(std::string_view& body) {
  constexpr std::string_view mark = "\r\n\r\n";
  auto head = body.substr(0, max_part_head + mark.size());
  auto result = cut(head, mark);
  if (!result && head.size() < body.size())
    broken("a part's header section has more than 16 KiB");
  if (!result)
    broken("a part's header section does not end");
  body.remove_prefix(result->size() + mark.size());
  return *result;
}

/// @param keep makes a file's bytes of a part of the body
template <class F>
form parse_parts(std::string_view body, std::string_view boundary, F&& keep) {
  if (boundary.empty() || boundary.size() > 70)
    broken("Content-Type needs a boundary of 1 to 70 characters");
  std::string delimiter{"\r\n--"};
  delimiter.append(boundary);
  // The first one may stand at the very beginning; what comes before it belongs
  // to no part (RFC 2046 section 5.1.1).
  auto first = std::string_view{delimiter}.substr(2);
  if (body.starts_with(first))
    body.remove_prefix(first.size());
  else if (!cut(body, delimiter))
    broken("the boundary of Content-Type is not in the body");
  form result;
  std::size_t text = 0;
  for (;;) {
    if (body.starts_with("--"))
      return result;
    auto padding = cut(body, "\r\n");
    if (!padding || !trimmed(*padding).empty())
      broken("a boundary is not followed by a line end");
    if (result.fields.size() + result.files.size() == max_form_parts)
      broken("more than 1000 parts");
    // A part without header lines begins with the empty one.
    std::string_view lines;
    if (body.starts_with("\r\n"))
      body.remove_prefix(2);
    else
      lines = cut_head(body);
    auto content = cut(body, delimiter);
    if (!content)
      broken("the last part does not end with the boundary");
    auto head = read_head(lines);
    if (head.file_name) {
      result.files.push_back({std::move(head.name), std::move(*head.file_name),
                              std::move(head.content_type), keep(*content)});
      continue;
    }
    take_text(text, head.name.size() + content->size());
    result.fields.emplace_back(std::move(head.name), *content);
  }
}

} // namespace

// -- form ---------------------------------------------------------------------

const std::string* form::find(std::string_view name) const noexcept {
  auto i = std::find_if(fields.begin(), fields.end(),
                        [&](const auto& x) { return x.first == name; });
  return i != fields.end() ? &i->second : nullptr;
}

const std::string& form::at(std::string_view name) const {
  const auto* result = find(name);
  if (result == nullptr)
    throw missing_field(name);
  return *result;
}

double form::number(std::string_view name) const {
  const auto& text = at(name);
  double result = 0;
  const auto* end = text.data() + text.size();
  auto [last, ec] = std::from_chars(text.data(), end, result);
  if (ec != std::errc{} || last != end || !std::isfinite(result)) {
    validation_error e{"type_error", "expected number, got string"};
    e.prepend(std::string{name});
    throw e;
  }
  return result;
}

std::vector<std::string> form::all(std::string_view name) const {
  std::vector<std::string> result;
  for (const auto& x : fields)
    if (x.first == name)
      result.push_back(x.second);
  return result;
}

const form_file* form::find_file(std::string_view field) const noexcept {
  auto i = std::find_if(files.begin(), files.end(),
                        [&](const auto& x) { return x.field == field; });
  return i != files.end() ? &*i : nullptr;
}

const form_file& form::file(std::string_view field) const {
  const auto* result = find_file(field);
  if (result == nullptr)
    throw missing_field(field);
  return *result;
}

nlohmann::json form::document() const {
  auto result = nlohmann::json::object();
  for (const auto& [name, text] : fields) {
    auto& member = result[name];
    if (member.is_null())
      member = field_text(text);
    else if (member.is_array())
      member.push_back(field_text(text));
    else
      member = nlohmann::json::array({std::move(member), field_text(text)});
  }
  return result;
}

// -- parsing ------------------------------------------------------------------

std::string header_parameter(std::string_view value, std::string_view name) {
  return find_parameter(value, name).value_or("");
}

form parse_urlencoded(std::string_view body) {
  form result;
  std::size_t text = 0;
  while (!body.empty()) {
    auto pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(body.size(), pair.size() + 1));
    if (pair.empty())
      continue;
    if (result.fields.size() == max_form_parts)
      throw http_error(400, "a form has at most 1000 fields");
    auto key = pair.substr(0, pair.find('='));
    auto value = pair.substr(std::min(pair.size(), key.size() + 1));
    take_text(text, key.size() + value.size());
    result.fields.emplace_back(percent_decode(key, true),
                               percent_decode(value, true));
  }
  return result;
}

form parse_multipart(std::string_view body, std::string_view boundary) {
  return parse_parts(body, boundary, [](std::string_view content) {
    return shared_bytes{std::string{content}};
  });
}

form parse_multipart(const shared_bytes& body, std::string_view boundary) {
  return parse_parts(body, boundary, [&](std::string_view content) {
    return body.part(content);
  });
}

form read_form(const request& req) {
  auto type = req.content_type();
  if (type == "application/x-www-form-urlencoded")
    return parse_urlencoded(req.bytes());
  if (type == "multipart/form-data") {
    auto boundary = header_parameter(req.header("Content-Type"), "boundary");
    if (!req.spooled.empty())
      return parse_multipart(req.spooled, boundary);
    return parse_multipart(std::string_view{req.body}, boundary);
  }
  std::string text{"expected a form (multipart/form-data or "
                   "application/x-www-form-urlencoded)"};
  if (!type.empty())
    text.append(", got ").append(clipped(type));
  throw http_error(415, std::move(text),
                   {{"Accept", "multipart/form-data, "
                               "application/x-www-form-urlencoded"}});
}

} // namespace troupe
