#include "troupe/bench/support/beast_server.hpp"

#include "troupe/specs/json/json.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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
  connection(tcp::socket socket, asio::thread_pool& model)
    : stream_(std::move(socket)), model_(&model) {
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
      item_ = 0;
      begin_stream(&connection::write_item);
      return;
    }
    if (parser_->get().target() == "/stream/joined") {
      writing_ = true;
      begin_stream(&connection::write_joined);
      asio::post(*model_, [self = shared_from_this()] { self->produce(); });
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

  // -- 100 items, a chunk each, as they come from a model that takes no time --

  void begin_stream(void (connection::*go_on)()) {
    head_.emplace(http::status::ok, 11);
    head_->set(http::field::server, "beast");
    head_->set(http::field::date, "Thu, 01 Jan 1970 00:00:00 GMT");
    head_->set(http::field::content_type, "application/x-ndjson");
    head_->chunked(true);
    serializer_.emplace(*head_);
    http::async_write_header(
      stream_, *serializer_,
      [self = shared_from_this(), go_on](beast::error_code ec, std::size_t) {
        self->writing_ = false;
        if (!ec)
          (*self.*go_on)();
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

  /// On the model's thread.
  void produce() {
    for (auto i = 0; i < stream_items; ++i) {
      auto text = dump_json({{"index", i}});
      text += '\n';
      std::array<char, 24> size{};
      std::snprintf(size.data(), size.size(), "%zx\r\n", text.size());
      put(size.data() + text + "\r\n", false);
    }
    put("0\r\n\r\n", true);
  }

  void put(std::string_view chunk, bool last) {
    std::unique_lock guard{mutex_};
    waiting_ += chunk;
    ended_ = last;
    if (std::exchange(told_, true))
      return;
    guard.unlock();
    asio::post(stream_.get_executor(),
               [self = shared_from_this()] { self->write_joined(); });
  }

  /// Writes what has come while the last write was under way.
  void write_joined() {
    if (writing_)
      return;
    std::unique_lock guard{mutex_};
    text_.clear();
    std::swap(text_, waiting_);
    told_ = false;
    if (text_.empty())
      return;
    auto last = std::exchange(ended_, false);
    guard.unlock();
    writing_ = true;
    asio::async_write(
      stream_, asio::buffer(text_),
      [self = shared_from_this(), last](beast::error_code ec, std::size_t) {
        self->writing_ = false;
        if (ec)
          return;
        if (last)
          self->read();
        else
          self->write_joined();
      });
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
  asio::thread_pool* model_;
  bool writing_ = false;
  std::mutex mutex_;
  /// Guarded by the mutex: chunks to write, whether they are the last ones,
  /// whether the I/O thread was told of them.
  std::string waiting_;
  bool ended_ = false;
  bool told_ = false;
};

void accept(tcp::acceptor& acceptor, asio::thread_pool& model) {
  acceptor.async_accept([&](beast::error_code ec, tcp::socket socket) {
    if (!ec)
      std::make_shared<connection>(std::move(socket), model)->read();
    accept(acceptor, model);
  });
}

} // namespace

void run_beast_server() {
  asio::io_context context{1};
  asio::thread_pool model{1};
  tcp::acceptor acceptor{context,
                         {asio::ip::address_v4::loopback(), std::uint16_t{0}}};
  std::printf("port %d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  accept(acceptor, model);
  context.run();
  std::exit(0);
}

} // namespace troupe::bench
