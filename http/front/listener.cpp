#include "troupe/http/front/listener.hpp"

#include "troupe/http/connection/connection.hpp"
#include "troupe/http/front/deaf_socket.hpp"
#include "troupe/http/front/turned_away.hpp"
#include "troupe/http/start_error.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace troupe {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// After an error that another try would only repeat: no descriptors left.
constexpr std::chrono::milliseconds accept_pause{100};

/// Connections beyond the bound that may ask for one built-in endpoint each, so
/// that an orchestrator does not take a full server for a dead one.
constexpr std::size_t probe_reserve = 32;

struct arrived_connection {
  tcp::socket socket;
  std::optional<connection_ticket> place;
};

connection_gate::bounds bounds_of(const connection_limits& limits) {
  connection_gate::bounds result;
  result.all = limits.max_connections;
  result.each_on_loopback = limits.max_connections_per_address.has_value();
  result.each = limits.max_connections_per_address.value_or(
    std::max<std::size_t>(limits.max_connections / 2, 1));
  result.reserve = probe_reserve;
  return result;
}

/// What to do about an error of `bind`, or "".
const char* way_out(const error_code& ec) {
  if (ec == asio::error::address_in_use)
    return "; another program listens there: end it, or take another port (0 "
           "takes a free one)";
  if (ec == asio::error::access_denied)
    return "; ports below 1024 need a right of their own: take "
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
    pause_(threads_.front()->context()),
    gate_(std::make_shared<connection_gate>(
      bounds_of(threads_.front()->shared().options.limits))),
    log_timer_(threads_.front()->context()) {
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

void listener::deafen() {
  if (acceptor_.is_open())
    make_deaf(acceptor_.native_handle());
}

void listener::stop(std::function<void()> done) {
  if (done)
    when_stopped_.push_back(std::move(done));
  if (acceptor_.is_open())
    close();
  if (!accepting_)
    tell_stopped();
}

void listener::close() {
  // The kernel would reset the connections that wait for `accept`, with the
  // requests that they have sent.
  deafen();
  error_code ec;
  acceptor_.non_blocking(true, ec);
  take_in_waiting();
  acceptor_.close(ec);
  pause_.cancel();
  log_timer_.cancel();
}

void listener::tell_stopped() {
  for (auto& done : std::exchange(when_stopped_, {}))
    done();
}

void listener::take_in_waiting() {
  error_code ec;
  while (!ec) {
    auto target = next_thread();
    tcp::socket socket{target->context()};
    acceptor_.accept(socket, ec);
    if (!ec)
      take_in(std::move(socket), target);
  }
}

bool listener::drop_oldest_idle() {
  auto oldest = threads_.front();
  for (const auto& t : threads_)
    if (t->oldest_idle() < oldest->oldest_idle())
      oldest = t;
  if (oldest->oldest_idle() == timer_wheel::time_point::max())
    return false;
  if (oldest->on_this_thread())
    return oldest->idle().close_oldest();
  asio::post(oldest->context(), [oldest] { oldest->idle().close_oldest(); });
  return true;
}

std::optional<connection_ticket>
listener::find_place(const asio::ip::address& from) {
  if (auto place = gate_->enter(from))
    return place;
  if (!gate_->client_is_full(from) && drop_oldest_idle()) {
    refusals_.add_dropped();
    log_refusals();
    if (auto place = gate_->enter(from, true))
      return place;
  }
  return gate_->enter_reserve(from);
}

void listener::log_refusals() {
  if (auto line = refusals_.line(refusal_log::clock::now()))
    threads_.front()->shared().log(log_level::warning, *line);
  auto due = refusals_.due();
  if (!due)
    return;
  log_timer_.expires_at(*due);
  log_timer_.async_wait([self = shared_from_this()](const error_code& ec) {
    if (!ec)
      self->log_refusals();
  });
}

void listener::accept() {
  if (!acceptor_.is_open())
    return;
  auto target = next_thread();
  accepting_ = true;
  acceptor_.async_accept(target->context(),
                         [self = shared_from_this(),
                          target](const error_code& ec, tcp::socket socket) {
                           self->on_accept(ec, std::move(socket), target);
                         });
}

void listener::on_accept(const error_code& ec, tcp::socket socket,
                         const std::shared_ptr<io_thread>& target) {
  accepting_ = false;
  // It may have come just before the end.
  if (!ec)
    take_in(std::move(socket), target);
  if (!acceptor_.is_open()) {
    tell_stopped();
    return;
  }
  if (ec) {
    threads_.front()->shared().log(log_level::warning,
                                   "accept: " + ec.message());
    pause_.expires_after(accept_pause);
    pause_.async_wait([self = shared_from_this()](const error_code& why) {
      if (!why)
        self->accept();
    });
    return;
  }
  accept();
}

const std::shared_ptr<io_thread>& listener::next_thread() noexcept {
  return threads_[next_++ % threads_.size()];
}

void listener::take_in(tcp::socket socket,
                       const std::shared_ptr<io_thread>& target) {
  error_code no_peer;
  auto peer = socket.remote_endpoint(no_peer);
  auto place = find_place(peer.address());
  if (!place) {
    refusals_.add_refused();
    log_refusals();
  }
  // A function object is copied on its way, a socket and a place are not.
  auto arrived = std::make_shared<arrived_connection>(
    arrived_connection{std::move(socket), std::move(place)});
  auto begin = [target, arrived, kept = farewells_] {
    if (arrived->place)
      std::make_shared<connection>(target, std::move(arrived->socket),
                                   std::move(*arrived->place))
        ->start();
    else
      turn_away(*target, std::move(arrived->socket), kept);
  };
  if (target->on_this_thread())
    begin();
  else
    asio::post(target->context(), begin);
}

} // namespace troupe
