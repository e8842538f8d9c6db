#pragma once

#include "troupe/specs/values/headers.hpp"

#include <chrono>
#include <optional>

namespace troupe {

/// What a request's `Cache-Control` asks of a cache (RFC 9111 section 5.2.1).
struct cache_control {
  /// Neither take an answer from the cache nor keep one.
  bool no_store = false;
  /// Take none from it; the new one may be kept.
  bool no_cache = false;
  /// Take one or answer 504.
  bool only_if_cached = false;
  /// Take none that is older.
  std::optional<std::chrono::seconds> max_age = {};
  /// Take none that is good for a shorter time.
  std::optional<std::chrono::seconds> min_fresh = {};
};

/// Reads a request's fields. Unknown directives are ignored, as RFC 9111 asks,
/// and a value that is not a number counts as 0. Without the field, `Pragma:
/// no-cache` counts.
cache_control read_cache_control(const header_map& headers);

/// Whether an answer with these fields may be kept: not one with `no-store`,
/// `no-cache` or `private` in `Cache-Control`, with `Set-Cookie` or with
/// `Vary`.
bool may_be_kept(const header_map& headers);

} // namespace troupe
