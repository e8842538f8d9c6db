#pragma once

#include "troupe/specs/json/json_reader.hpp"
#include "troupe/specs/values/headers.hpp"
#include "troupe/specs/values/method.hpp"
#include "troupe/specs/values/shared_bytes.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// Twice the default limit of a JSON body.
inline constexpr std::size_t default_json_memory = 32UL * 1024 * 1024;

/// One request as the layers behind the front see it. A value; tests and
/// embedders make them by hand.
struct request {
  troupe::method method = method::post;
  /// As it came: path and query, undecoded.
  std::string target = "/";
  /// Normalised: one decode, no dot segments, no query.
  std::string path = "/";
  /// Path parameters in the order of the pattern, decoded.
  std::vector<std::pair<std::string, std::string>> params = {};
  /// The header section; trailers never get in here.
  header_map headers = {};
  /// The body as it came, transfer coding removed; empty when it is in
  /// `spooled`. `bytes` is right in both cases.
  std::string body = {};
  /// A body that was too large for memory (`multipart/form-data` above
  /// `limits.body_memory_bytes`): a file without a name, mapped read-only. It
  /// goes away with the last copy of this or of a part of it.
  shared_bytes spooled = {};
  /// What a JSON body may take in memory when it is read, in bytes; see
  /// `json_limits`.
  std::size_t max_json_memory = default_json_memory;
  /// What pays for it, as long as this or a copy of it is there; null has no
  /// bound.
  std::shared_ptr<json_budget> json_memory = {};
  /// The client's address, e.g. `127.0.0.1:40312` or `[::1]:40312`; without a
  /// port where a trusted proxy told it; empty without a socket.
  std::string remote = {};
  /// The body when it never was text: requests by actor message, and those
  /// that a spec makes. Hooks that take JSON get this instead of `body`.
  std::shared_ptr<const nlohmann::json> document = {};

  /// Returns the body, wherever it is; lives as long as this.
  [[nodiscard]] std::string_view bytes() const noexcept {
    return spooled.empty() ? std::string_view{body} : spooled.view();
  }

  /// Returns the bounds for reading the body as JSON.
  [[nodiscard]] json_limits limits_of_json() const noexcept {
    json_limits result;
    result.max_memory = max_json_memory;
    result.budget = json_memory.get();
    return result;
  }

  /// Returns the part after `?`, undecoded, or "".
  [[nodiscard]] std::string_view query() const noexcept;

  /// Returns the first value of a query parameter, decoded (`+` is a space).
  [[nodiscard]] std::optional<std::string>
  query_param(std::string_view name) const;

  /// Returns a path parameter, or "" when the pattern has none of that name.
  [[nodiscard]] std::string_view param(std::string_view name) const noexcept;

  /// Returns a header's first value, or "".
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;

  /// Returns the media type of the body in lower case without parameters,
  /// e.g. `application/json`; "" when the request says nothing.
  [[nodiscard]] std::string content_type() const;

  /// Returns the body as JSON: `document` when there is one, else parsed.
  /// @throws json_syntax_error
  /// @throws json_memory_error when it takes more than `max_json_memory`
  /// @throws json_budget_error
  [[nodiscard]] nlohmann::json json() const;
};

} // namespace troupe
