#pragma once

#include <string>
#include <string_view>

/// A secret that nodes and their front share, which itself never travels.
namespace troupe {

/// Returns 32 random bytes as hex.
/// @throws std::runtime_error when the system has none
[[nodiscard]] std::string make_nonce();

/// Returns the proof that a node of this name knows the secret: HMAC-SHA-256 of
/// nonce and name, as hex (RFC 2104).
[[nodiscard]] std::string sign(std::string_view secret, std::string_view nonce,
                               std::string_view name);

/// Compares in a time that does not depend on where they differ.
[[nodiscard]] bool same_proof(std::string_view lhs,
                              std::string_view rhs) noexcept;

} // namespace troupe
