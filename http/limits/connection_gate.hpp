#pragma once

#include <boost/asio/ip/address.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

namespace troupe {

class connection_gate;

/// The message for a client that finds no place.
inline constexpr std::string_view too_many_connections = "Too many connections";

/// A connection's place; given back with this.
class connection_ticket {
public:
  connection_ticket() = default;
  connection_ticket(connection_ticket&& other) noexcept;
  connection_ticket& operator=(connection_ticket&& other) noexcept;
  ~connection_ticket();

  /// Whether the place is one of the reserve: for probes only.
  [[nodiscard]] bool reserve() const noexcept {
    return reserve_;
  }

private:
  friend class connection_gate;

  using address_key = std::array<unsigned char, 16>;

  std::shared_ptr<connection_gate> gate_;
  address_key key_{};
  bool reserve_ = false;
};

/// How many connections there are, in all and of each client. An IPv4 address
/// is a client, and a network of 64 bits of IPv6, which one host has to itself
/// as a rule. Thread-safe.
class connection_gate : public std::enable_shared_from_this<connection_gate> {
public:
  struct bounds {
    std::size_t all = 0;
    /// For each client; 0 means none.
    std::size_t each = 0;
    /// Whether `each` also holds for the loopback, where proxies are.
    bool each_on_loopback = true;
    /// Further ones, for probes.
    std::size_t reserve = 0;
  };

  explicit connection_gate(bounds b) : bounds_(b) {
    // nop
  }

  /// Takes a place.
  /// @param room_made whether another one is about to give its place back
  /// @returns nothing when all are taken, or those of the client
  std::optional<connection_ticket> enter(const boost::asio::ip::address& from,
                                         bool room_made = false);

  /// Takes a place of the reserve, of which a client gets a quarter.
  std::optional<connection_ticket>
  enter_reserve(const boost::asio::ip::address& from);

  /// Whether the client has all the places that it may have.
  [[nodiscard]] bool client_is_full(const boost::asio::ip::address& from) const;

private:
  friend class connection_ticket;
  using address_key = connection_ticket::address_key;

  struct counts {
    std::size_t places = 0;
    std::size_t reserve = 0;
  };

  [[nodiscard]] bool full(const boost::asio::ip::address& from,
                          const counts& of_client) const noexcept;
  connection_ticket make_ticket(const address_key& key, bool reserve);
  void leave(const address_key& key, bool reserve) noexcept;

  const bounds bounds_;
  mutable std::mutex mutex_;
  counts all_;
  std::map<address_key, counts> clients_;
};

} // namespace troupe
