#pragma once

#include "troupe/specs/values/headers.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// An IP address, or all that begin with the same bits. IPv4 addresses are
/// those that IPv6 maps them to (RFC 4291 section 2.5.5.2).
class address_block {
public:
  /// Parses an address, or one with a number of bits, e.g. `10.0.0.0/8` or
  /// `fd00::/8`. @returns nothing for anything else
  static std::optional<address_block> parse(std::string_view text);

  /// Returns whether this block has all addresses of the other one.
  [[nodiscard]] bool contains(const address_block& other) const noexcept;

private:
  std::array<std::uint8_t, 16> bytes_{};
  unsigned bits_ = 128;
};

/// The proxies in front that are believed when they say who the client is.
/// Read-only; thread-safe.
class proxy_list {
public:
  proxy_list() = default;

  /// @pre each is an `address_block`
  explicit proxy_list(const std::vector<std::string>& blocks);

  /// Finds the client of a request. Each proxy appends the address that it was
  /// asked from to `X-Forwarded-For`, so all of its lines are walked from the
  /// end: the first address that does not belong to a trusted proxy is the
  /// client's. The client may have written the part before it.
  /// @param remote the other end of the connection, as `request::remote`
  /// @returns an address, in brackets if it is IPv6, without a port; `remote`
  ///          itself when no trusted proxy names another one
  [[nodiscard]] std::string client_of(const header_map& headers,
                                      std::string_view remote) const;

private:
  [[nodiscard]] bool trusts(std::string_view address) const;

  std::vector<address_block> blocks_;
};

/// Renders the other end of a connection for `request::remote`: `1.2.3.4:80` or
/// `[::1]:80`. An IPv4 address in the form of IPv6 is shown as IPv4.
[[nodiscard]] std::string remote_text(std::string_view address,
                                      std::uint16_t port);

} // namespace troupe
