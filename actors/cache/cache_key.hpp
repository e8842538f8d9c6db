#pragma once

#include "troupe/specs/values/request.hpp"

#include <string>
#include <vector>

namespace troupe {

/// Up to this size a JSON body is read so that the order of its keys and its
/// white space do not matter; a larger one counts as bytes.
inline constexpr std::size_t largest_canonical_body = 1024UL * 1024;

/// Returns a digest of what a model sees of a request: the JSON of its body,
/// or its bytes and their content type; path parameters; the query; and the
/// header fields that are named. Requests with equal digests are equal to the
/// model (SHA-256).
std::string cache_key(const request& x, const std::vector<std::string>& vary);

} // namespace troupe
