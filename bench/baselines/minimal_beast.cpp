// The shortest honest Beast server: one thread, keep-alive, JSON in and the
// square as JSON out by nlohmann, nothing else: no Date or Server field, no
// timer, no checks beyond those that the parser makes. Prints `port N` and
// serves until it is killed.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <utility>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

class connection : public std::enable_shared_from_this<connection> {
public:
  explicit connection(tcp::socket socket) : socket_(std::move(socket)) {
    socket_.set_option(tcp::no_delay{true});
  }

  void read() {
    request_ = {};
    http::async_read(
      socket_, buffer_, request_,
      [self = shared_from_this()](beast::error_code ec, std::size_t) {
        if (!ec)
          self->write();
      });
  }

private:
  void write() {
    response_ = {http::status::ok, request_.version()};
    response_.keep_alive(request_.keep_alive());
    response_.set(http::field::content_type, "application/json");
    try {
      auto x = nlohmann::json::parse(request_.body()).at("input").get<double>();
      response_.body() = nlohmann::json{{"output", x * x}}.dump();
    } catch (const nlohmann::json::exception& e) {
      response_.result(http::status::bad_request);
      response_.body() = nlohmann::json{{"detail", e.what()}}.dump();
    }
    response_.prepare_payload();
    http::async_write(
      socket_, response_,
      [self = shared_from_this()](beast::error_code ec, std::size_t) {
        if (!ec && self->response_.keep_alive())
          self->read();
      });
  }

  tcp::socket socket_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> response_;
};

void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&](beast::error_code ec, tcp::socket socket) {
    if (!ec)
      std::make_shared<connection>(std::move(socket))->read();
    accept(acceptor);
  });
}

} // namespace

int main() {
  asio::io_context context{1};
  tcp::acceptor acceptor{context,
                         {asio::ip::address_v4::loopback(), std::uint16_t{0}}};
  std::printf("port %d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  accept(acceptor);
  context.run();
  return 0;
}
