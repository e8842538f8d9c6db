#pragma once

#include "troupe/http/connection/io_thread.hpp"
#include "troupe/http/front/refusal_log.hpp"
#include "troupe/http/limits/connection_gate.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace troupe {

/// Accepts connections and deals them to the I/O threads in turn, which keeps
/// a few long-lived connections balanced where the kernel's hash of
/// `SO_REUSEPORT` does not, and never binds a port that somebody else has.
/// After `bind`, members are for the first I/O thread only.
class listener : public std::enable_shared_from_this<listener> {
public:
  explicit listener(std::vector<std::shared_ptr<io_thread>> threads);

  /// Binds and listens; connections wait in the kernel until `start`.
  /// @throws start_error naming address, port and reason
  void bind(const std::string& host, std::uint16_t port);

  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

  /// Begins to accept.
  void start();

  /// Takes no new handshakes; clients whose handshake has begun are still
  /// accepted.
  void deafen();

  /// Takes in the clients that have connected already, stops accepting and
  /// frees the port. The kernel resets a client whose handshake is under way:
  /// `deafen` a while before.
  /// @param done called when the last of them has been dealt to its thread
  void stop(std::function<void()> done = {});

private:
  void accept();
  void close();
  /// Accepts what waits for it.
  void take_in_waiting();
  void on_accept(const boost::system::error_code& ec,
                 boost::asio::ip::tcp::socket socket,
                 const std::shared_ptr<io_thread>& target);
  [[nodiscard]] const std::shared_ptr<io_thread>& next_thread() noexcept;
  /// Makes a connection of an accepted socket, or turns it away.
  void take_in(boost::asio::ip::tcp::socket socket,
               const std::shared_ptr<io_thread>& target);
  /// Finds a place for a client of that address; nothing when it gets none.
  std::optional<connection_ticket>
  find_place(const boost::asio::ip::address& from);
  /// Closes the connection that has been idle for longest, on any thread.
  /// @returns whether there is an idle one
  bool drop_oldest_idle();
  void log_refusals();
  void tell_stopped();

  std::vector<std::shared_ptr<io_thread>> threads_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  std::shared_ptr<connection_gate> gate_;
  refusal_log refusals_;
  /// See `turn_away`.
  std::shared_ptr<std::atomic<std::size_t>> farewells_ =
    std::make_shared<std::atomic<std::size_t>>(0);
  boost::asio::steady_timer log_timer_;
  std::size_t next_ = 0;
  /// Whether an accept is under way, which may have a client already.
  bool accepting_ = false;
  std::vector<std::function<void()>> when_stopped_;
  std::uint16_t port_ = 0;
};

} // namespace troupe
