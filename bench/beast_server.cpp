#include "troupe/bench/beast_server.hpp"

#include "troupe/specs/json.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

namespace troupe::bench {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

using response = http::response<http::string_body>;

/// The answers of `/echo`: bytes as bytes, JSON parsed and written again.
void echo(http::request<http::string_body>& req, response& res) {
  if (req[http::field::content_type] == "application/octet-stream") {
    res.set(http::field::content_type, "application/octet-stream");
    res.body() = std::move(req.body());
    return;
  }
  try {
    res.body() = dump_json(parse_json(req.body()));
  } catch (const json_syntax_error& e) {
    res.result(http::status::bad_request);
    res.body() = dump_json({{"detail", e.what()}});
  }
}

response answer(http::request<http::string_body>& req) {
  response res{http::status::ok, req.version()};
  res.keep_alive(req.keep_alive());
  res.set(http::field::server, "beast");
  res.set(http::field::date, "Thu, 01 Jan 1970 00:00:00 GMT");
  res.set(http::field::content_type, "application/json");
  auto fail = [&res](http::status code, const char* detail) {
    res.result(code);
    res.body() = dump_json({{"detail", detail}});
  };
  if (req.target() == "/echo") {
    echo(req, res);
  } else if (req.target() != "/predict") {
    fail(http::status::not_found, "Not Found");
  } else if (req.method() != http::verb::post) {
    fail(http::status::method_not_allowed, "Method Not Allowed");
  } else {
    try {
      auto x = parse_json(req.body());
      auto i = x.find("input");
      if (!x.is_object() || i == x.end() || !i->is_number())
        fail(http::status::unprocessable_entity, "input: expected number");
      else
        res.body() =
          dump_json({{"output", i->get<double>() * i->get<double>()}});
    } catch (const json_syntax_error& e) {
      fail(http::status::bad_request, e.what());
    }
  }
  res.prepare_payload();
  return res;
}

class connection : public std::enable_shared_from_this<connection> {
public:
  explicit connection(tcp::socket socket) : stream_(std::move(socket)) {
    stream_.socket().set_option(tcp::no_delay{true});
    // Otherwise Beast reads large bodies by half a kilobyte.
    buffer_.reserve(64UL * 1024);
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(8192);
    parser_->body_limit(64UL * 1024 * 1024);
    stream_.expires_after(std::chrono::seconds{75});
    http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](beast::error_code ec, std::size_t) {
        if (!ec)
          self->write();
      });
  }

private:
  void write() {
    if (parser_->get().target() == "/stream") {
      begin_stream();
      return;
    }
    response_.emplace(answer(parser_->get()));
    http::async_write(
      stream_, *response_,
      [self = shared_from_this()](beast::error_code ec, std::size_t) {
        if (!ec && self->response_->keep_alive())
          self->read();
      });
  }

  /// 100 items, a chunk each, as they come from a model that takes no time.
  void begin_stream() {
    head_.emplace(http::status::ok, 11);
    head_->set(http::field::server, "beast");
    head_->set(http::field::date, "Thu, 01 Jan 1970 00:00:00 GMT");
    head_->set(http::field::content_type, "application/x-ndjson");
    head_->chunked(true);
    serializer_.emplace(*head_);
    item_ = 0;
    http::async_write_header(
      stream_, *serializer_,
      [self = shared_from_this()](beast::error_code ec, std::size_t) {
        if (!ec)
          self->write_item();
      });
  }

  void write_item() {
    auto next = [self = shared_from_this()](beast::error_code ec, std::size_t) {
      if (ec)
        return;
      if (self->item_ > stream_items)
        self->read();
      else
        self->write_item();
    };
    if (item_++ == stream_items) {
      asio::async_write(stream_, http::make_chunk_last(), next);
      return;
    }
    text_ = dump_json({{"index", item_ - 1}});
    text_ += '\n';
    asio::async_write(stream_, http::make_chunk(asio::buffer(text_)), next);
  }

  static constexpr int stream_items = 100;

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_{64UL * 1024};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<response> response_;
  std::optional<http::response<http::empty_body>> head_;
  std::optional<http::response_serializer<http::empty_body>> serializer_;
  std::string text_;
  int item_ = 0;
};

void accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](beast::error_code ec, tcp::socket socket) {
    if (!ec)
      std::make_shared<connection>(std::move(socket))->read();
    accept(acceptor);
  });
}

} // namespace

void run_beast_server() {
  asio::io_context context{1};
  tcp::acceptor acceptor{context,
                         {asio::ip::address_v4::loopback(), std::uint16_t{0}}};
  std::printf("port %d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  accept(acceptor);
  context.run();
  std::exit(0);
}

} // namespace troupe::bench
