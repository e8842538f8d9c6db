#pragma once

#include "troupe/http/admin/admin_hooks.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>

namespace troupe {

/// The endpoints under `/admin/`, for callers with the admin key: a spec of the
/// program's own, so they stand in the table with their owner and are refused
/// where they clash, and their handlers run on threads of their own, which no
/// model can keep busy.
class admin_spec : public spec {
public:
  explicit admin_spec(admin_hooks hooks);

  [[nodiscard]] const admin_hooks& hooks() const noexcept {
    return hooks_;
  }

  /// Adds an endpoint for callers with the admin key.
  void serve(method m, std::string pattern, handler h);

  /// Adds one that changes the server: `change` runs on the thread of the
  /// changes, and its answer is the endpoint's. The handler waits for it as
  /// long as the client does; the change goes on when the client leaves.
  /// @param what names the change, for those that are refused meanwhile
  void serve_change(method m, std::string pattern,
                    std::function<std::string(const request&)> what,
                    std::function<nlohmann::json(const request&)> change);

private:
  admin_hooks hooks_;
};

/// Says to a client that a change was refused, and when to ask again: 409 while
/// another one runs, 503 when the server is stopping.
http_error refused_change(const change_refused& why);

/// Runs a change and waits for it as long as the client does.
/// @throws http_error: 409 while another change runs, 503 when the server is
///         stopping; what the change throws
outcome await_change(change_runner& runner, std::string what,
                     std::function<nlohmann::json()> run, const context& ctx);

} // namespace troupe
