#include "troupe/http/connection/request_scope.hpp"

#include "troupe/http/around/auth.hpp"
#include "troupe/http/around/redirect.hpp"
#include "troupe/http/builtins/builtins.hpp"
#include "troupe/specs/input/body.hpp"
#include "troupe/specs/values/path.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

request_scope::request_scope(const front_shared& shared, snapshot_ptr table,
                             std::string id, std::unique_ptr<request>& copy)
  : snapshot(std::move(table)),
    around(shared, copy),
    request_id(std::move(id)),
    charge(*shared.bodies),
    shared_(&shared) {
  // nop
}

void request_scope::decide(request& req, bool from_page,
                           std::optional<std::uint64_t> announced) {
  method_ = req.method;
  json_ = may_be_json(req);
  early = locate(req);
  auto entered = around.enter(req);
  if (auto* own = std::get_if<reply>(&entered))
    early = std::move(*own);
  else if (auto* why = std::get_if<failure>(&entered))
    early = rendered(renderer_of(req.method, req.path), *why);
  else if (!early)
    early = admit(req, from_page);
  if (!early && announced && *announced > body_limit())
    early = refusal(make_failure(errc::payload_too_large));
}

bool request_scope::wants_body() const noexcept {
  return !early && entry != nullptr && entry->kind != endpoint_kind::builtin;
}

std::size_t request_scope::body_limit() const noexcept {
  if (!wants_body())
    return max_discard;
  if (entry->endpoint.max_body_bytes)
    return *entry->endpoint.max_body_bytes;
  const auto& limits = shared_->options.limits;
  auto most = json_
                ? std::min(limits.max_body_bytes, limits.max_json_body_bytes)
                : limits.max_body_bytes;
  // RFC 9110 section 9.3.1: the content of a GET has no meaning in general.
  return method_ == method::get || method_ == method::head
           ? std::min(most, max_discard)
           : most;
}

std::optional<reply> request_scope::locate(request& req) const {
  if (is_normalised(req.target)) {
    req.path = req.target;
    return std::nullopt;
  }
  auto result = normalise_target(req.target, encoded_slash::segment);
  if (const auto* path = std::get_if<std::string>(&result);
      path != nullptr && !takes_slash(req.method, *path))
    result = encoded_slash_refusal();
  if (auto* why = std::get_if<failure>(&result))
    return rendered(renderer_of(req.method, raw_path(req.target)), *why);
  req.path = std::move(std::get<std::string>(result));
  return std::nullopt;
}

std::optional<reply> request_scope::admit(request& req, bool from_page) {
  if (snapshot == nullptr)
    return refusal(make_failure(errc::not_ready));
  if (req.path == "*" && req.method == method::options)
    return reply{204, {{"Allow", to_string(method_set::all())}}, {}};
  auto match = snapshot->table.find(req.method, req.path);
  entry = match.entry;
  switch (match.code) {
    case table_match::status::found:
      break;
    case table_match::status::not_found:
      return rendered(match.render_error, make_failure(errc::not_found));
    case table_match::status::redirect: {
      auto location = location_without_slash(req.target, req.path);
      return reply{307, {{"Location", location}}, {}};
    }
    case table_match::status::method_not_allowed: {
      auto allow = to_string(match.allow);
      if (req.method == method::options)
        return reply{204, {{"Allow", allow}}, {}};
      auto why = make_failure(errc::method_not_allowed);
      why.headers.add("Allow", allow);
      return refusal(why);
    }
  }
  if (auto why = check_access(entry->endpoint.access, req, shared_->options))
    return refusal(*why);
  const auto& pages = shared_->pages;
  if (from_page || pages.checks_every_host()) {
    auto probe = entry->kind == endpoint_kind::builtin
                 && builtin_table[entry->endpoint_index].probe;
    if (auto why = pages.check(req, entry->endpoint, from_page, probe))
      return refusal(*why);
  }
  for (std::size_t i = 0; i < match.params.size(); ++i) {
    std::string text{match.params[i].text};
    std::replace(text.begin(), text.end(), in_segment_slash, '/');
    req.params.emplace_back(match.params[i].name, std::move(text));
  }
  return std::nullopt;
}

// -- errors -------------------------------------------------------------------

bool request_scope::takes_slash(method m, std::string_view path) const {
  if (path.find(in_segment_slash) == std::string_view::npos
      || shared_->options.paths.encoded_slash == encoded_slash::segment)
    return true;
  if (snapshot == nullptr)
    return false;
  const auto* found = snapshot->table.find(m, path).entry;
  return found != nullptr && found->endpoint.takes_encoded_slash;
}

error_renderer request_scope::renderer_of(method m,
                                          std::string_view path) const {
  if (snapshot == nullptr)
    return render_detail;
  auto match = snapshot->table.find(m, path);
  return match.entry != nullptr ? match.entry->render_error
                                : match.render_error;
}

reply request_scope::rendered(const error_renderer& render,
                              const failure& why) const {
  try {
    return render(why);
  } catch (...) {
    std::string text;
    failure_from_current_exception(text);
    shared_->log(log_level::error, "request " + request_id
                                     + ": the error's renderer threw: " + text);
    return render_detail(make_failure(errc::internal));
  }
}

reply request_scope::refusal(const failure& why) const {
  return entry != nullptr ? rendered(entry->render_error, why)
                          : render_detail(why);
}

refusal_reason request_scope::refusal_in(int status) const noexcept {
  const auto by_builtin =
    entry != nullptr && entry->kind == endpoint_kind::builtin;
  if (status == 429)
    return refusal_reason::rate_limit;
  if (status != 503 || by_builtin)
    return refusal_reason::none;
  return snapshot == nullptr ? refusal_reason::not_ready
                             : refusal_reason::resources;
}

} // namespace troupe
