#pragma once

#include "troupe/http/options.hpp"
#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Keeps web pages of other origins from driving a server that asks for no
/// key. Read-only after the start; thread-safe.
///
/// - A page of another origin may send a form or text to any address that its
///   visitor reaches, without asking (the Fetch standard's simple requests).
///   Such requests are refused unless `cors.allow_origins` lists the origin.
///   The algorithm is that of Go's `http.CrossOriginProtection`. An endpoint
///   that a key protects is safe: only a header carries the key.
/// - A name of the attacker's own that leads to this address (DNS rebinding)
///   makes a page's requests those of the same origin. Only the name in `Host`
///   gives them away; see `allows_host`.
///
/// Clients other than browsers send neither `Origin` nor `Sec-Fetch-Site`, and
/// are let in.
class page_guard {
public:
  /// @pre `options.validate()` finds nothing
  explicit page_guard(const server_options& options);

  /// @param from_page whether `Origin` or `Sec-Fetch-Site` is there
  /// @param is_probe whether the endpoint is one of the probes, which an
  ///        orchestrator calls by its address
  /// @returns the refusal (403), or nothing
  [[nodiscard]] std::optional<failure> check(const request& req,
                                             const endpoint& e, bool from_page,
                                             bool is_probe) const;

  /// Whether every request is to be checked, not only those of pages.
  [[nodiscard]] bool checks_every_host() const noexcept {
    return !allowed_hosts_.empty();
  }

  /// Whether the value of `Host` names this server: one of
  /// `server.allowed_hosts` where they are set. Otherwise a server on a
  /// loopback address without a key takes an IP address, or a name that no
  /// stranger can have: `localhost`, one without a dot, or one under
  /// `localhost`, `local` or `internal`. Other servers take every name.
  [[nodiscard]] bool allows_host(std::string_view value) const;

private:
  [[nodiscard]] bool is_cross_site(const request& req) const;
  [[nodiscard]] bool is_protected(access who) const noexcept;

  std::vector<std::string> allowed_hosts_;
  std::vector<std::string> allowed_origins_;
  bool has_key_;
  /// Whether the server is one that only this machine reaches, without a key.
  bool is_local_;
};

/// Whether a server that listens there is reached from this machine only.
[[nodiscard]] bool is_loopback_address(std::string_view host) noexcept;

} // namespace troupe
