#pragma once

#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/headers.hpp"

#include <cstdint>
#include <optional>

/// What a request's header section says of its body.
namespace troupe {

/// Checks `Transfer-Encoding`, of which only `chunked` is implemented (RFC
/// 9112 section 6.3): a list that does not end with `chunked`, names it twice
/// or has empty members leaves the body's end unknown, 400; a coding before it
/// is 501 (section 6.1).
/// @returns the refusal, or nothing
std::optional<failure> check_transfer_coding(const header_map& headers);

/// What `Expect` asks for.
enum class expectation : std::uint8_t {
  none,
  continue_100,
  /// Another one: 417 (RFC 9110 section 10.1.1).
  unknown,
};

expectation expectation_of(const header_map& headers);

/// How a request's content is coded (RFC 9110 section 8.4).
enum class content_coding : std::uint8_t {
  identity,
  gzip,
  /// Another one, or several: 415.
  unsupported,
};

content_coding content_coding_of(const header_map& headers);

/// The refusal of an unsupported one, which names those that are supported
/// (RFC 9110 sections 12.5.3 and 15.5.16).
failure unsupported_coding();

} // namespace troupe
