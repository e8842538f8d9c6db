#include "troupe/specs/input/body.hpp"

#include "troupe/specs/text/text.hpp"
#include "troupe/specs/values/error.hpp"

namespace troupe {

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view form_type = "application/x-www-form-urlencoded";

/// The common cases cost no copy.
bool is_plainly_json(const request& req) noexcept {
  if (req.document != nullptr)
    return true;
  auto header = req.header("Content-Type");
  return header.empty()
         || (header.starts_with(json_type)
             && (header.size() == json_type.size()
                 || header[json_type.size()] == ';'));
}

bool names_json(std::string_view type) noexcept {
  return type.empty() || type == json_type || type == "text/json"
         || type == "text/plain" || type.ends_with("+json");
}

bool begins_as_json(std::string_view body) noexcept {
  auto first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos
         && std::string_view{"{[\""}.find(body[first])
              != std::string_view::npos;
}

} // namespace

bool is_meant_as_json(const request& req) {
  if (is_plainly_json(req))
    return true;
  auto type = req.content_type();
  if (type == form_type)
    return begins_as_json(req.bytes());
  return names_json(type);
}

bool may_be_json(const request& req) {
  if (is_plainly_json(req))
    return true;
  auto type = req.content_type();
  return type == form_type || names_json(type);
}

bool is_meant_as_form(const request& req) {
  if (is_plainly_json(req))
    return false;
  auto type = req.content_type();
  return type == "multipart/form-data"
         || (type == form_type && !begins_as_json(req.bytes()));
}

void expect_json(const request& req, bool or_form) {
  if (is_meant_as_json(req))
    return;
  std::string text{"expected application/json"};
  std::string accept{json_type};
  if (or_form) {
    text += " or a form";
    accept += ", multipart/form-data, application/x-www-form-urlencoded";
  }
  throw http_error(415,
                   text.append(", got ").append(clipped(req.content_type())),
                   {{"Accept", accept}});
}

} // namespace troupe
