#include "troupe/http/around/client_address.hpp"

#include "troupe/http/around_options.hpp"
#include "troupe/http/wire/field_list.hpp"
#include "troupe/specs/text/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace troupe {

namespace {

constexpr std::size_t v4_offset = 12;

} // namespace

std::string check_trusted_proxies(const std::vector<std::string>& xs) {
  for (const auto& x : xs)
    if (!address_block::parse(x))
      return "trusted_proxies: expected an address or a block, e.g. 10.0.0.7 "
             "or 10.0.0.0/8; got \""
             + x + '"';
  return {};
}

std::optional<address_block> address_block::parse(std::string_view text) {
  auto slash = text.find('/');
  std::string address{text.substr(0, slash)};
  address_block result;
  auto most = 128U;
  if (::inet_pton(AF_INET, address.c_str(), result.bytes_.data() + v4_offset)
      == 1) {
    result.bytes_[v4_offset - 2] = result.bytes_[v4_offset - 1] = 0xFF;
    most = 32;
  } else if (::inet_pton(AF_INET6, address.c_str(), result.bytes_.data())
             != 1) {
    return std::nullopt;
  }
  if (slash == std::string_view::npos)
    return result;
  auto digits = text.substr(slash + 1);
  unsigned bits = 0;
  auto [end, ec] =
    std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (ec != std::errc{} || end != digits.data() + digits.size() || bits > most)
    return std::nullopt;
  result.bits_ = bits + (128 - most);
  return result;
}

bool address_block::contains(const address_block& other) const noexcept {
  if (other.bits_ < bits_)
    return false;
  auto whole = bits_ / 8;
  auto rest = bits_ % 8;
  if (!std::equal(bytes_.begin(), bytes_.begin() + whole, other.bytes_.begin()))
    return false;
  return rest == 0 || (bytes_[whole] ^ other.bytes_[whole]) >> (8 - rest) == 0;
}

std::string remote_text(std::string_view address, std::uint16_t port) {
  constexpr std::string_view mapped = "::ffff:";
  if (address.starts_with(mapped)
      && address.find('.') != std::string_view::npos)
    address.remove_prefix(mapped.size());
  auto v6 = address.find(':') != std::string_view::npos;
  std::string result{v6 ? "[" : ""};
  result.append(address).append(v6 ? "]:" : ":");
  return result += std::to_string(port);
}

proxy_list::proxy_list(const std::vector<std::string>& blocks) {
  for (const auto& x : blocks)
    if (auto block = address_block::parse(x))
      blocks_.push_back(*block);
}

bool proxy_list::trusts(std::string_view address) const {
  auto x = address_block::parse(address);
  return x && std::any_of(blocks_.begin(), blocks_.end(), [&](const auto& b) {
           return b.contains(*x);
         });
}

std::string proxy_list::client_of(const header_map& headers,
                                  std::string_view remote) const {
  if (blocks_.empty() || !trusts(without_port(remote)))
    return std::string{remote};
  std::string room;
  auto rest = joined(headers, "X-Forwarded-For", room);
  std::string_view client;
  while (!rest.empty()) {
    auto comma = rest.rfind(',');
    auto begin = comma == std::string_view::npos ? 0 : comma + 1;
    auto entry = without_port(trimmed(rest.substr(begin)));
    rest = rest.substr(0, begin > 0 ? begin - 1 : 0);
    // The proxy hides its client, or a client made the value up.
    if (entry.find('/') != std::string_view::npos
        || !address_block::parse(entry))
      break;
    client = entry;
    if (!trusts(client))
      break;
  }
  if (client.empty())
    return std::string{remote};
  return client.find(':') == std::string_view::npos
           ? std::string{client}
           : std::string{"["}.append(client).append("]");
}

} // namespace troupe
