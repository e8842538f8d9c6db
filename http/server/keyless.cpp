#include "troupe/http/server/keyless.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace troupe {

namespace {

namespace ip = boost::asio::ip;

bool is_loopback(const std::string& text) {
  if (text == "localhost")
    return true;
  boost::system::error_code ec;
  auto x = ip::make_address(text, ec);
  if (ec)
    return false;
  if (x.is_v6() && x.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, x.to_v6()).is_loopback();
  return x.is_loopback();
}

} // namespace

std::string keyless_warning(const server_options& options,
                            const endpoint_table& table) {
  if (!options.listen || !options.api_key.empty() || is_loopback(options.host))
    return {};
  const auto& entries = table.entries();
  auto n = std::count_if(entries.begin(), entries.end(), [](const auto& e) {
    return e.kind != endpoint_kind::builtin && e.endpoint.access == access::key;
  });
  if (n == 0)
    return {};
  return "no API key is set: whoever reaches " + options.host + " may use "
         + (n == 1 ? std::string{"an endpoint"}
                   : std::to_string(n) + " endpoints")
         + " meant for those with the key. Set one (TROUPE_API_KEY for the "
           "program, server_options::api_key in C++), declare them public, or "
           "listen on 127.0.0.1";
}

} // namespace troupe
