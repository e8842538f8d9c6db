#include "troupe/http/around/page_guard.hpp"

#include "troupe/http/framing/host_field.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>

namespace troupe {

namespace {

bool is_host_pattern(std::string_view text) noexcept {
  if (text == "*")
    return true;
  if (text.starts_with("*."))
    text.remove_prefix(2);
  auto parsed = parse_host(text);
  return parsed && parsed->host.size() == text.size()
         && text.find('*') == std::string_view::npos;
}

bool is_safe(method m) noexcept {
  return m == method::get || m == method::head || m == method::options;
}

bool ends_with(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size()
         && iequals(text.substr(text.size() - end.size()), end);
}

bool matches(std::string_view pattern, std::string_view host) noexcept {
  if (pattern == "*")
    return true;
  return pattern.starts_with("*.") ? ends_with(host, pattern.substr(1))
                                   : iequals(pattern, host);
}

/// An address cannot be made to lead elsewhere. A dotted name that ends with a
/// digit is one: no top-level domain is a number.
bool is_address(std::string_view host) noexcept {
  return host.starts_with('[')
         || (is_digit(host.back()) && host.find('.') != std::string_view::npos);
}

bool is_private_name(std::string_view host) noexcept {
  return host.find('.') == std::string_view::npos
         || ends_with(host, ".localhost") || ends_with(host, ".local")
         || ends_with(host, ".internal");
}

/// Whether host and port of an origin are those that the client asked for. The
/// scheme is not compared, because a proxy may have ended TLS.
bool is_origin_of(std::string_view origin, std::string_view host) noexcept {
  auto authority = authority_of(origin);
  if (!authority)
    return false;
  auto theirs = parse_host(*authority);
  auto ours = parse_host(host);
  if (!theirs || !ours || !iequals(theirs->host, ours->host))
    return false;
  std::string_view usual = origin.starts_with("https") ? "443" : "80";
  auto port = [&](std::string_view x) { return x.empty() ? usual : x; };
  return port(theirs->port) == port(ours->port);
}

} // namespace

std::string check_allowed_hosts(const std::vector<std::string>& xs) {
  for (const auto& x : xs)
    if (!is_host_pattern(x))
      return "allowed_hosts: expected a name or address without a port, e.g. "
             "models.example, [::1] or *.example; got \""
             + x + '"';
  return {};
}

bool is_loopback_address(std::string_view host) noexcept {
  return iequals(host, "localhost") || host.starts_with("127.")
         || host == "::1";
}

page_guard::page_guard(const server_options& options)
  : allowed_hosts_(options.peers.allowed_hosts),
    allowed_origins_(options.cors.allow_origins),
    has_key_(!options.api_key.empty()),
    is_local_(!has_key_ && is_loopback_address(options.host)) {
  // nop
}

bool page_guard::allows_host(std::string_view value) const {
  if (!checks_every_host() && !is_local_)
    return true;
  // A request of HTTP/1.0 may have no Host; the parser has checked everything
  // else.
  auto parsed = parse_host(value);
  if (!parsed)
    return !checks_every_host();
  auto host = parsed->host;
  // The root's dot.
  if (host.size() > 1 && host.ends_with('.'))
    host.remove_suffix(1);
  if (checks_every_host())
    return std::any_of(allowed_hosts_.begin(), allowed_hosts_.end(),
                       [&](const auto& x) { return matches(x, host); });
  return is_address(host) || is_private_name(host);
}

bool page_guard::is_protected(access who) const noexcept {
  return who == access::admin || (who == access::key && has_key_);
}

bool page_guard::is_cross_site(const request& req) const {
  auto origin = req.headers.find("Origin");
  auto site = req.headers.find("Sec-Fetch-Site");
  auto same = site ? *site == "same-origin" || *site == "none"
                   : !origin || is_origin_of(*origin, req.header("Host"));
  if (same)
    return false;
  return std::none_of(
    allowed_origins_.begin(), allowed_origins_.end(),
    [&](const auto& x) { return x == "*" || (origin && x == *origin); });
}

std::optional<failure> page_guard::check(const request& req, const endpoint& e,
                                         bool from_page, bool is_probe) const {
  if (!is_probe && (from_page || checks_every_host())
      && !allows_host(req.header("Host")))
    return make_failure(errc::forbidden,
                        "The name in Host is not one of this server's; add it "
                        "to server.allowed_hosts");
  if (from_page && !is_safe(req.method) && !is_protected(e.access)
      && !e.checks_origin && is_cross_site(req))
    return make_failure(errc::forbidden,
                        "Pages of other origins may not call; list their "
                        "origin in server.cors.allow_origins, or protect the "
                        "server with a key (server.api_key_env)");
  return std::nullopt;
}

} // namespace troupe
