#include "troupe/http/around/cors.hpp"

#include "troupe/http/wire/field_list.hpp"
#include "troupe/specs/values/error.hpp"

#include <algorithm>

namespace troupe {

namespace {

bool contains(const std::vector<std::string>& xs, std::string_view x) {
  return std::find(xs.begin(), xs.end(), x) != xs.end();
}

std::string joined(const std::vector<std::string>& xs) {
  std::string result;
  for (const auto& x : xs) {
    if (!result.empty())
      result += ", ";
    result += x;
  }
  return result;
}

std::string check_list(const std::vector<std::string>& xs,
                       std::string_view name) {
  for (const auto& x : xs)
    if (!is_token(x))
      return std::string{name}.append(": not a name: \"").append(x) + '"';
  return {};
}

} // namespace

std::string cors_options::validate() const {
  for (const auto& x : allow_origins) {
    if (x == "*" || x == "null")
      continue;
    auto scheme = x.find("://");
    if (scheme == std::string::npos || x.find('/', scheme + 3) != x.npos
        || !is_field_value(x) || x.find_first_of(" ,") != x.npos)
      return "cors.allow_origins: expected scheme://host[:port] without a "
             "path, e.g. https://app.example, or *; got \""
             + x + '"';
  }
  if (allow_credentials && contains(allow_origins, "*"))
    return "cors.allow_credentials: needs origins by name, as browsers refuse "
           "credentials for *; list them in cors.allow_origins";
  for (auto text : {check_list(allow_methods, "cors.allow_methods"),
                    check_list(allow_headers, "cors.allow_headers"),
                    check_list(expose_headers, "cors.expose_headers")})
    if (!text.empty())
      return text;
  return {};
}

cors::cors(cors_options options)
  : options_(std::move(options)),
    any_origin_(contains(options_.allow_origins, "*")),
    any_header_(contains(options_.allow_headers, "*")),
    methods_(joined(options_.allow_methods)),
    headers_(joined(options_.allow_headers)),
    exposed_(joined(options_.expose_headers)) {
  // nop
}

bool cors::allows(std::string_view origin) const {
  return any_origin_ || contains(options_.allow_origins, origin);
}

void cors::mark(header_map& headers, std::string_view origin) const {
  if (!any_origin_)
    add_vary(headers, "Origin");
  if (origin.empty() || !allows(origin))
    return;
  headers.set("Access-Control-Allow-Origin", any_origin_ ? "*" : origin);
  if (options_.allow_credentials)
    headers.set("Access-Control-Allow-Credentials", "true");
}

std::optional<reply> cors::before(request& req) {
  auto origin = req.header("Origin");
  if (req.method != method::options || origin.empty()
      || !req.headers.find("Access-Control-Request-Method"))
    return std::nullopt;
  reply result;
  auto& out = result.headers;
  if (!allows(origin)) {
    result = render_detail(make_failure(
      errc::forbidden, "this origin may not call; see server.cors"));
    mark(out, origin);
    return result;
  }
  result.status = 204;
  mark(out, origin);
  if (!methods_.empty())
    out.set("Access-Control-Allow-Methods", methods_);
  if (any_header_) {
    // Not `*`, which would leave out Authorization.
    add_vary(out, "Access-Control-Request-Headers");
    auto asked = req.header("Access-Control-Request-Headers");
    if (!asked.empty())
      out.set("Access-Control-Allow-Headers", asked);
  } else if (!headers_.empty()) {
    out.set("Access-Control-Allow-Headers", headers_);
  }
  out.set("Access-Control-Max-Age", std::to_string(options_.max_age.count()));
  return result;
}

void cors::after(const request& req, reply_head& head) {
  mark(head.headers, req.header("Origin"));
  // Of a request that was refused before its fields were read, the origin is
  // not known. A page that may read all else may read that, too.
  constexpr int client_error = 400;
  if (any_origin_ && head.status >= client_error)
    head.headers.set("Access-Control-Allow-Origin", "*");
  if (!exposed_.empty())
    head.headers.set("Access-Control-Expose-Headers", exposed_);
}

} // namespace troupe
