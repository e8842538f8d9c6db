#include "troupe/http/cluster_options.hpp"

#include "troupe/specs/text/text.hpp"

#include <charconv>
#include <stdexcept>
#include <string_view>

namespace troupe {

namespace {

using namespace std::string_literals;

/// Whether an address is this machine's own.
bool is_loopback(std::string_view host) {
  // 127.example.com is a name that anybody may own.
  return host == "localhost" || host == "::1"
         || (host.starts_with("127.")
             && host.find_first_not_of("0123456789.") == std::string::npos);
}

std::string check_tls(const cluster_tls_options& x) {
  if (x == cluster_tls_options{})
    return {};
  for (const auto& [key, value] :
       {std::pair{"certificate", &x.certificate}, std::pair{"key", &x.key},
        std::pair{"client_ca", &x.client_ca}})
    if (value->empty())
      return "cluster.tls."s + key
             + ": both sides show certificates, so certificate, key and "
               "client_ca are all needed";
  return {};
}

std::string check_address(const char* what, const std::string& text) {
  try {
    static_cast<void>(parse_cluster_address(text));
    return {};
  } catch (const std::invalid_argument& e) {
    return "cluster."s + what + ": " + e.what();
  }
}

} // namespace

cluster_address parse_cluster_address(const std::string& text) {
  const auto wrong = [&] {
    return std::invalid_argument("expected HOST:PORT, [IPV6]:PORT or *:PORT, "
                                 "got "
                                 + clipped(text));
  };
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0)
    throw wrong();
  cluster_address result;
  result.host = text.substr(0, colon);
  const auto* end = text.data() + text.size();
  auto [rest, ec] = std::from_chars(text.data() + colon + 1, end, result.port);
  if (ec != std::errc{} || rest != end)
    throw wrong();
  const auto in_brackets =
    result.host.starts_with('[') && result.host.ends_with(']');
  if (in_brackets != (result.host.find(':') != std::string::npos))
    throw wrong();
  if (in_brackets)
    result.host = result.host.substr(1, result.host.size() - 2);
  if (result.host == "*")
    result.host.clear();
  return result;
}

std::string cluster_options::validate() const {
  if (auto why = check_tls(tls); !why.empty())
    return why;
  if (heartbeat.count() < 10 || heartbeat.count() > 60'000)
    return "cluster.heartbeat_ms: from 10 to 60000";
  if (!listen.empty()) {
    if (auto why = check_address("listen", listen); !why.empty())
      return why;
    if (tls == cluster_tls_options{} && !trusted_network
        && !is_loopback(parse_cluster_address(listen).host))
      return "cluster.listen: other machines could reach " + listen
             + " without a certificate; set cluster.tls, or say "
               "cluster.trusted_network: true if nobody else is on that "
               "network";
  }
  if (!join.empty()) {
    if (auto why = check_address("join", join); !why.empty())
      return why;
    if (auto to = parse_cluster_address(join); to.host.empty() || to.port == 0)
      return "cluster.join: needs the host and the port of a front";
  }
  return {};
}

} // namespace troupe
