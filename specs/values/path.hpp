#pragma once

#include "troupe/specs/values/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace troupe {

/// What `%2F` in a path means.
enum class encoded_slash : std::uint8_t {
  /// The request is refused with 400. The default: proxies disagree on it.
  reject,
  /// A slash inside one segment; parameters get it decoded.
  segment,
};

/// Stands for a decoded `%2F` inside a normalised path, so that segments can
/// still be split at `/`; `%00` itself is always refused.
inline constexpr char in_segment_slash = '\0';

/// A normalised path, or why there is none.
using path_result = std::variant<std::string, failure>;

/// Takes a request target apart (RFC 9112 section 3.2): origin form, absolute
/// form (scheme and authority dropped) or `*`. Normalises the path: percent
/// decoding once, dot segments removed (RFC 3986 section 5.2.4, also when they
/// came encoded), never above the root. Empty segments are kept: `/a//b` is
/// not `/a/b`.
/// @returns the path (starting with `/`, or `*`), or `errc::bad_request` for
///          a bad escape, `%00`, a refused `%2F` or a form not listed above.
path_result normalise_target(std::string_view target,
                             encoded_slash policy = encoded_slash::reject);

/// The message for a `%2F` that is refused.
failure encoded_slash_refusal();

/// Returns the path of a target as it came, without scheme, authority and
/// query, to guess where a malformed one was meant to go.
std::string_view raw_path(std::string_view target) noexcept;

/// Returns whether `normalise_target` would return the path as it stands, so
/// that no copy is needed: no escapes, no dot segments, no query.
[[nodiscard]] bool is_normalised(std::string_view path) noexcept;

/// Percent-decodes `text` once; `plus_is_space` for queries and forms.
/// Malformed escapes stay as they are.
std::string percent_decode(std::string_view text, bool plus_is_space = false);

/// Percent-encodes everything but unreserved characters and `/`
/// (RFC 3986 section 2.3), for `Location`; `in_segment_slash` becomes `%2F`.
std::string percent_encode_path(std::string_view path);

} // namespace troupe
