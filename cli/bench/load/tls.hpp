#pragma once

#include "troupe/cli/bench/load/engine.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <optional>
#include <string>

namespace troupe::load {

/// The addresses of a host. @throws std::runtime_error when it has none.
boost::asio::ip::tcp::resolver::results_type resolve(const target& where);

/// What an https target needs; none for http. @throws std::runtime_error when
/// the certificates to trust can't be read.
std::optional<boost::asio::ssl::context>
make_tls(const engine_options& options);

/// Sets what the server is asked for and checked against (RFC 6066 section 3,
/// RFC 9110 section 4.3.4). Before the handshake.
void expect_host(boost::asio::ssl::stream<boost::asio::ip::tcp::socket>& stream,
                 const std::string& host);

} // namespace troupe::load
