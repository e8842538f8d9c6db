#pragma once

#include "troupe/http/around_options.hpp"

#include <string>
#include <string_view>

namespace troupe {

struct wire_reply;

/// Whether an `Accept-Encoding` takes gzip: by name or by `*`, with a weight
/// above 0, and not preferring identity (RFC 9110 section 12.5.3).
[[nodiscard]] bool accepts_gzip(std::string_view accept_encoding);

/// Compresses (RFC 1952). @throws std::bad_alloc
std::string gzip(std::string_view data, int level);

/// Compresses the body of an answer where that is right, and marks it with
/// `Content-Encoding` and `Vary`. Left alone are files, small bodies, those
/// that are encoded already, media that are compressed by nature, parts (206)
/// and `Cache-Control: no-transform`. Takes as long as compressing does: call
/// it on the producer's thread.
/// @param accepted what `accepts_gzip` said
void compress(wire_reply& answer, const gzip_options& options, bool accepted);

} // namespace troupe
