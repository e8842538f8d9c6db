#include "troupe/cli/bench/load/tls.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include <openssl/ssl.h>
#include <stdexcept>

namespace troupe::load {

namespace asio = boost::asio;
using asio::ip::tcp;

tcp::resolver::results_type resolve(const target& where) {
  asio::io_context io;
  tcp::resolver resolver{io};
  boost::system::error_code ec;
  auto result = resolver.resolve(where.host, where.port, ec);
  if (ec)
    throw std::runtime_error("no address for " + where.host + ": "
                             + ec.message());
  return result;
}

std::optional<asio::ssl::context> make_tls(const engine_options& options) {
  if (!options.request.target.tls)
    return std::nullopt;
  std::optional<asio::ssl::context> result{asio::ssl::context::tls_client};
  boost::system::error_code ec;
  if (options.ca_file.empty())
    result->set_default_verify_paths(ec);
  else
    result->load_verify_file(options.ca_file, ec);
  if (ec)
    throw std::runtime_error(options.ca_file
                             + ": no usable certificates: " + ec.message());
  result->set_verify_mode(options.insecure ? asio::ssl::verify_none
                                           : asio::ssl::verify_peer);
  return result;
}

void expect_host(asio::ssl::stream<tcp::socket>& stream,
                 const std::string& host) {
  // An address is not a server name.
  boost::system::error_code no_address;
  asio::ip::make_address(host, no_address);
  if (no_address)
    SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
  stream.set_verify_callback(asio::ssl::host_name_verification{host});
}

} // namespace troupe::load
