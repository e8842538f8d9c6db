#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/values/method.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// Troupe's own endpoints; the number is their `endpoint_index`.
enum class builtin : std::uint8_t {
  root,
  health,
  model_health,
  livez,
  readyz,
  startupz,
  info,
  metrics,
  shutdown,
};

/// The fixed part of a built-in.
struct builtin_info {
  builtin id;
  /// Its key in the section `server.builtins` of a config.
  std::string_view name;
  /// Its path, unless the options move it.
  std::string_view path;
  troupe::method method;
  troupe::access access;
  /// Whether it is exempt from the rate limit, so that an orchestrator does not
  /// take a busy server for a dead one.
  bool probe;
  /// What it is for, a sentence.
  std::string_view doc;
};

/// Every built-in, in the order of `builtin`. Paths, checks, config keys, their
/// documentation and the texts of conflicts come from here.
inline constexpr std::array<builtin_info, 9> builtin_table{{
  {builtin::root, "root", "/", method::get, access::open, false,
   "Says that the server runs."},
  {builtin::health, "health", "/health", method::get, access::open, true,
   "Health of the server and of each model."},
  {builtin::model_health, "model_health", "/health/{model}", method::get,
   access::open, true, "Health of one model, which the path names as {model}."},
  {builtin::livez, "livez", "/livez", method::get, access::open, true,
   "Liveness probe."},
  {builtin::readyz, "readyz", "/readyz", method::get, access::open, true,
   "Readiness probe: 200 when every required model is ready."},
  {builtin::startupz, "startupz", "/startupz", method::get, access::open, true,
   "Start-up probe."},
  {builtin::info, "info", "/info", method::get, access::key, false,
   "What is served, and how."},
  {builtin::metrics, "metrics", "/metrics", method::get, access::open, true,
   "Counters for Prometheus."},
  {builtin::shutdown, "shutdown", "/shutdown", method::post, access::admin,
   false, "POST ends the server; only with server.shutdown.enabled."},
}};

[[nodiscard]] constexpr std::size_t index_of(builtin x) noexcept {
  return static_cast<std::size_t>(x);
}

[[nodiscard]] constexpr bool in_order(decltype(builtin_table) table) noexcept {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (index_of(table[i].id) != i)
      return false;
  return true;
}

static_assert(in_order(builtin_table));

/// Returns another path that a built-in may have, for messages.
[[nodiscard]] inline std::string other_path(builtin x) {
  return x == builtin::model_health ? "/other/{model}" : "/other";
}

/// Returns what is wrong with the path of a built-in, or "". Its form is not
/// looked at.
[[nodiscard]] inline std::string
path_error(builtin x, const std::optional<std::string>& path) {
  if (x == builtin::model_health && path
      && path->find("{model}") == std::string::npos)
    return "the path must name the model by a segment \"{model}\", e.g. "
           "\"/other/{model}\"";
  return {};
}

/// Where the built-ins stand. A value.
/// @code
/// options.builtins[builtin::health] = "/healthz";
/// options.builtins[builtin::metrics].reset();
/// @endcode
class builtin_paths {
public:
  builtin_paths() {
    for (const auto& x : builtin_table) {
      auto& here = places_[index_of(x.id)];
      here.path = x.path;
      const auto member =
        "server_options::builtins[builtin::" + std::string{x.name} + ']';
      here.origin = {member, member + " = \"" + other_path(x.id) + '"',
                     member + ".reset()"};
    }
  }

  /// A path, or nothing for one that is switched off. That of `POST /shutdown`
  /// counts only with `shutdown_options::endpoint_enabled`.
  [[nodiscard]] std::optional<std::string>& operator[](builtin x) noexcept {
    return places_[index_of(x)].path;
  }

  [[nodiscard]] const std::optional<std::string>&
  operator[](builtin x) const noexcept {
    return places_[index_of(x)].path;
  }

  /// Where that was said, for messages.
  [[nodiscard]] entry_origin& origin(builtin x) noexcept {
    return places_[index_of(x)].origin;
  }

  [[nodiscard]] const entry_origin& origin(builtin x) const noexcept {
    return places_[index_of(x)].origin;
  }

private:
  struct place {
    std::optional<std::string> path;
    entry_origin origin;
  };

  std::array<place, builtin_table.size()> places_;
};

} // namespace troupe
