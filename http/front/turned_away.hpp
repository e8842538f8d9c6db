#pragma once

#include "troupe/http/connection/io_thread.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstddef>
#include <memory>

namespace troupe {

/// Answers 503 on a connection for which there is no place, and closes it. A
/// few at a time are kept for a moment, so that what the client has sent does
/// not reset the connection before it has read the answer (RFC 9112 section
/// 9.6); others are closed at once. Call it on the thread of the socket.
/// @param kept how many are kept, of all threads
void turn_away(io_thread& on, boost::asio::ip::tcp::socket socket,
               const std::shared_ptr<std::atomic<std::size_t>>& kept);

} // namespace troupe
