#include "troupe/http/front/listener.hpp"

#include "troupe/http/connection/session.hpp"
#include "troupe/http/start_error.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

namespace troupe {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// After an error that another try would only repeat: no descriptors left.
constexpr std::chrono::milliseconds accept_pause{100};

/// What to do about an error of `bind`, or "".
const char* way_out(const error_code& ec) {
  if (ec == asio::error::address_in_use)
    return "; another program listens there: end it, or take another port (0 "
           "takes a free one)";
  if (ec == asio::error::access_denied)
    return "; ports below 1024 are for programs with the right to: take "
           "another one";
  if (ec == boost::system::errc::address_not_available)
    return "; this machine has no such address: take one that it has, or "
           "0.0.0.0 or :: for all of them";
  return "";
}

asio::ip::address resolve(const std::string& host) {
  if (host == "localhost")
    return asio::ip::address_v4::loopback();
  error_code ec;
  auto result = asio::ip::make_address(host, ec);
  if (ec)
    throw start_error("cannot listen on \"" + host
                      + "\": expected an IP address, e.g. 127.0.0.1, 0.0.0.0 "
                        "or ::, or localhost");
  return result;
}

} // namespace

listener::listener(std::vector<std::shared_ptr<io_thread>> threads)
  : threads_(std::move(threads)),
    acceptor_(threads_.front()->context()),
    pause_(threads_.front()->context()) {
  // nop
}

void listener::bind(const std::string& host, std::uint16_t port) {
  tcp::endpoint where{resolve(host), port};
  error_code ec;
  acceptor_.open(where.protocol(), ec);
  if (!ec)
    acceptor_.set_option(tcp::acceptor::reuse_address{true}, ec);
  if (!ec)
    acceptor_.bind(where, ec);
  if (!ec)
    acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  if (ec)
    throw start_error("cannot listen on " + host + ':' + std::to_string(port)
                      + ": " + ec.message() + way_out(ec));
  port_ = acceptor_.local_endpoint().port();
}

void listener::start() {
  accept();
}

void listener::stop() {
  error_code ec;
  acceptor_.close(ec);
  pause_.cancel();
}

std::size_t listener::connections() const noexcept {
  std::size_t result = 0;
  for (const auto& t : threads_)
    result += t->connections();
  return result;
}

void listener::accept() {
  if (!acceptor_.is_open())
    return;
  auto target = threads_[next_++ % threads_.size()];
  acceptor_.async_accept(target->context(),
                         [self = shared_from_this(),
                          target](const error_code& ec, tcp::socket socket) {
                           self->on_accept(ec, std::move(socket), target);
                         });
}

void listener::on_accept(const error_code& ec, tcp::socket socket,
                         const std::shared_ptr<io_thread>& target) {
  if (ec == asio::error::operation_aborted || !acceptor_.is_open())
    return;
  const auto& shared = target->shared();
  if (ec) {
    shared.log(log_level::warning, "accept: " + ec.message());
    pause_.expires_after(accept_pause);
    pause_.async_wait([self = shared_from_this()](const error_code& why) {
      if (!why)
        self->accept();
    });
    return;
  }
  if (connections() < shared.options.limits.max_connections) {
    auto s = std::make_shared<session>(target, std::move(socket));
    if (target->on_this_thread())
      s->start();
    else
      asio::post(target->context(), [s] { s->start(); });
  } else {
    shared.log(log_level::warning, "too many connections; one was closed");
  }
  accept();
}

} // namespace troupe
