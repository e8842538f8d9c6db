#include "troupe/http/front/turned_away.hpp"

#include "troupe/http/builtins/front_shared.hpp"
#include "troupe/http/limits/connection_gate.hpp"
#include "troupe/http/wire/response_head.hpp"
#include "troupe/http/wire/wire_reply.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <memory>
#include <string>
#include <utility>

namespace troupe {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

/// How long a connection is kept, and about how many are.
constexpr std::chrono::milliseconds kept_for{1'000};
constexpr std::size_t most_kept = 64;

std::string refusal_text(io_thread& on) {
  auto answer = to_wire(
    render_detail(make_failure(errc::overloaded, too_many_connections)));
  response_head head;
  head.status = answer.status;
  head.content_type = answer.content_type;
  head.content_length = answer.body.size();
  head.keep_alive = false;
  head.date = on.date(timer_wheel::clock::now());
  head.headers = &answer.headers;
  std::string result;
  append_head(result, head);
  return result + answer.body;
}

/// Its request, if one is to come, is never read.
void log_access(io_thread& on, const tcp::socket& socket, std::size_t sent) {
  const auto& log = on.shared().access;
  if (log == nullptr)
    return;
  error_code ec;
  const auto peer = socket.remote_endpoint(ec);
  const auto client =
    ec ? std::string{} : remote_text(peer.address().to_string(), peer.port());
  access_record x;
  x.arrived = timer_wheel::clock::now();
  x.bytes_out = sent;
  x.status = status_of(errc::overloaded);
  x.outcome = request_outcome::refused;
  x.reason = "connections";
  x.method = "-";
  x.path = "-";
  x.request_id = "-";
  x.client = client;
  log->put(on.index(), x);
}

/// Throws away what comes in until the client closes, or the time is over.
class farewell : public std::enable_shared_from_this<farewell> {
public:
  farewell(io_thread& on, tcp::socket socket,
           std::shared_ptr<std::atomic<std::size_t>> kept)
    : kept_(std::move(kept)), socket_(std::move(socket)), timer_(on.context()) {
    ++*kept_;
  }

  ~farewell() {
    --*kept_;
  }

  farewell(const farewell&) = delete;
  farewell& operator=(const farewell&) = delete;

  void start() {
    timer_.expires_after(kept_for);
    timer_.async_wait([self = shared_from_this()](const error_code&) {
      error_code ignored;
      self->socket_.close(ignored);
    });
    read();
  }

private:
  void read() {
    socket_.async_read_some(
      boost::asio::buffer(ignored_),
      [self = shared_from_this()](const error_code& ec, std::size_t) {
        if (ec)
          self->timer_.cancel();
        else
          self->read();
      });
  }

  std::shared_ptr<std::atomic<std::size_t>> kept_;
  tcp::socket socket_;
  boost::asio::steady_timer timer_;
  std::array<char, 1024> ignored_{};
};

} // namespace

void turn_away(io_thread& on, tcp::socket socket,
               const std::shared_ptr<std::atomic<std::size_t>>& kept) {
  error_code ec;
  socket.non_blocking(true, ec);
  auto text = refusal_text(on);
  // The first bytes of a connection find room, unless it is broken anyway.
  const auto sent = socket.write_some(boost::asio::buffer(text), ec);
  log_access(on, socket, sent);
  socket.shutdown(tcp::socket::shutdown_send, ec);
  if (*kept < most_kept)
    std::make_shared<farewell>(on, std::move(socket), kept)->start();
}

} // namespace troupe
