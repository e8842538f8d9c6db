#pragma once

#include "troupe/cli/bench/load/request_source.hpp"
#include "troupe/cli/bench/measure/recorder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace troupe::load {

class connection;

/// The user of connections. Called on the thread of the connection.
class connection_user {
public:
  /// The connection is open and has no request: send one.
  virtual void on_ready(const std::shared_ptr<connection>& which) = 0;

  /// The connection is closed; it can be opened again. `refused`: it never was
  /// open. What became of a request is in the recorder by now.
  virtual void on_closed(const std::shared_ptr<connection>& which,
                         bool refused) = 0;

protected:
  ~connection_user() = default;
};

/// What all connections of a thread share. Outlives them.
struct connection_setup {
  boost::asio::io_context* io = nullptr;
  boost::asio::ip::tcp::resolver::results_type addresses = {};
  /// None: plain TCP.
  boost::asio::ssl::context* tls = nullptr;
  /// For SNI and for the check of the certificate.
  std::string host = {};
  /// Requests are HEAD: their answers have no body.
  bool head = false;
  recorder* record = nullptr;
  connection_user* user = nullptr;
};

/// A client's connection with at most one request at a time. Lives on the
/// thread of its io_context.
class connection {
public:
  using time_point = recorder::time_point;

  virtual ~connection();

  /// Opens the connection; then `on_ready` or `on_closed`.
  virtual void open() = 0;

  /// Sends. A closed connection is opened first, and the time that takes is
  /// the request's.
  /// @param planned when it should have been sent; its answer is recorded
  ///   against that.
  virtual void send(const request_bytes& request, time_point planned) = 0;

  /// Gives the request up as `what`, and closes.
  virtual void give_up(failure what) = 0;

  /// Closes; what becomes of a request is not recorded.
  virtual void close() = 0;

  [[nodiscard]] virtual bool is_open() const = 0;

  /// Whether there is a request without its answer.
  [[nodiscard]] bool busy() const noexcept {
    return busy_;
  }

  [[nodiscard]] time_point planned() const noexcept {
    return planned_;
  }

  [[nodiscard]] time_point sent() const noexcept {
    return sent_;
  }

protected:
  bool busy_ = false;
  time_point planned_;
  time_point sent_;
};

std::shared_ptr<connection> make_connection(const connection_setup& setup);

} // namespace troupe::load
