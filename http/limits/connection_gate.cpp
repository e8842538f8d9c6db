#include "troupe/http/limits/connection_gate.hpp"

#include <algorithm>
#include <utility>

namespace troupe {

namespace {

using boost::asio::ip::address;
using address_key = std::array<unsigned char, 16>;

/// The address of the client, as IPv4 when it is a mapped one.
address plain(const address& from) {
  if (from.is_v6() && from.to_v6().is_v4_mapped())
    return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped,
                                            from.to_v6());
  return from;
}

address_key key_of(const address& from) {
  address_key result{};
  if (from.is_v4()) {
    // As if it were mapped: no network of IPv6 begins like that.
    auto bytes = from.to_v4().to_bytes();
    result[10] = result[11] = 0xFF;
    std::copy(bytes.begin(), bytes.end(), result.begin() + 12);
    return result;
  }
  constexpr std::size_t network = 8;
  auto bytes = from.to_v6().to_bytes();
  if (from.is_loopback())
    return bytes;
  std::copy_n(bytes.begin(), network, result.begin());
  return result;
}

} // namespace

// -- connection_ticket --------------------------------------------------------

connection_ticket::connection_ticket(connection_ticket&& other) noexcept
  : gate_(std::move(other.gate_)),
    key_(other.key_),
    reserve_(std::exchange(other.reserve_, false)) {
  // nop
}

connection_ticket&
connection_ticket::operator=(connection_ticket&& other) noexcept {
  std::swap(gate_, other.gate_);
  std::swap(key_, other.key_);
  std::swap(reserve_, other.reserve_);
  return *this;
}

connection_ticket::~connection_ticket() {
  if (gate_ != nullptr)
    gate_->leave(key_, reserve_);
}

// -- connection_gate ----------------------------------------------------------

bool connection_gate::full(const address& from,
                           const counts& of_client) const noexcept {
  return bounds_.each > 0 && of_client.places >= bounds_.each
         && (bounds_.each_on_loopback || !from.is_loopback());
}

connection_ticket connection_gate::make_ticket(const address_key& key,
                                               bool reserve) {
  connection_ticket result;
  result.gate_ = shared_from_this();
  result.key_ = key;
  result.reserve_ = reserve;
  return result;
}

std::optional<connection_ticket> connection_gate::enter(const address& from,
                                                        bool room_made) {
  auto who = plain(from);
  auto key = key_of(who);
  // A place that is about to be given back still counts.
  auto most = bounds_.all + (room_made ? bounds_.reserve : 0);
  std::unique_lock guard{mutex_};
  if (all_.places >= most)
    return std::nullopt;
  auto& of_client = clients_[key];
  if (full(who, of_client))
    return std::nullopt;
  ++of_client.places;
  ++all_.places;
  return make_ticket(key, false);
}

std::optional<connection_ticket>
connection_gate::enter_reserve(const address& from) {
  auto key = key_of(plain(from));
  std::unique_lock guard{mutex_};
  if (all_.reserve >= bounds_.reserve)
    return std::nullopt;
  auto& of_client = clients_[key];
  if (of_client.reserve >= std::max<std::size_t>(bounds_.reserve / 4, 1))
    return std::nullopt;
  ++of_client.reserve;
  ++all_.reserve;
  return make_ticket(key, true);
}

bool connection_gate::client_is_full(const address& from) const {
  auto who = plain(from);
  std::unique_lock guard{mutex_};
  auto i = clients_.find(key_of(who));
  return i != clients_.end() && full(who, i->second);
}

void connection_gate::leave(const address_key& key, bool reserve) noexcept {
  std::unique_lock guard{mutex_};
  auto i = clients_.find(key);
  if (reserve) {
    --all_.reserve;
    --i->second.reserve;
  } else {
    --all_.places;
    --i->second.places;
  }
  if (i->second.places == 0 && i->second.reserve == 0)
    clients_.erase(i);
}

} // namespace troupe
