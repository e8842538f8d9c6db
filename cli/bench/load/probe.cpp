#include "troupe/cli/bench/load/probe.hpp"

#include "troupe/cli/bench/load/tls.hpp"
#include "troupe/cli/bench/measure/quantity.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <array>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace troupe::load {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using tls_stream = asio::ssl::stream<tcp::socket>;

template <class Stream>
class prober {
public:
  static constexpr bool tls = std::is_same_v<Stream, tls_stream>;

  template <class... Ts>
  prober(const engine_options& options, asio::io_context& io, Ts&... xs)
    : options_(&options),
      io_(&io),
      stream_(io, xs...),
      source_(options.request) {
    parser_.body_limit(boost::none);
    parser_.skip(options.request.method == "HEAD");
  }

  probe_result operator()() {
    const auto& where = options_->request.target;
    asio::async_connect(stream_.lowest_layer(), resolve(where),
                        [this](error_code ec, const tcp::endpoint&) {
                          step(ec, "cannot connect", [this] { handshake(); });
                        });
    io_->run_for(options_->timeout);
    if (!done_ && problem_.empty())
      problem_ = "no answer within " + duration_text(options_->timeout);
    if (!problem_.empty())
      throw std::runtime_error(where.authority + ": " + problem_);
    return std::move(result_);
  }

private:
  template <class F>
  void step(error_code ec, const char* what, F next) {
    if (ec)
      problem_.append(what).append(": ").append(ec.message());
    else
      next();
  }

  void handshake() {
    if constexpr (tls) {
      expect_host(stream_, options_->request.target.host);
      stream_.async_handshake(asio::ssl::stream_base::client,
                              [this](error_code ec) {
                                step(ec, "no TLS session", [this] { send(); });
                              });
    } else {
      send();
    }
  }

  void send() {
    // What keeps the request from being sent is told by the read.
    asio::async_write(stream_, asio::buffer(*source_.next().bytes),
                      [](error_code, std::size_t) {});
    read_head();
  }

  void read_head() {
    http::async_read_header(stream_, buffer_, parser_,
                            [this](error_code ec, std::size_t) {
                              step(ec, "no HTTP answer", [this] { head(); });
                            });
  }

  void head() {
    constexpr unsigned first_error = 400;
    result_.status = parser_.get().result_int();
    if (result_.status < first_error || parser_.is_done()) {
      finish();
      return;
    }
    parser_.get().body().data = text_.data();
    parser_.get().body().size = text_.size();
    http::async_read_some(
      stream_, buffer_, parser_, [this](error_code, std::size_t) {
        auto left = parser_.get().body().size;
        result_.text.assign(text_.data(), text_.size() - left);
        finish();
      });
  }

  void finish() {
    done_ = true;
    io_->stop();
  }

  const engine_options* options_;
  asio::io_context* io_;
  Stream stream_;
  request_source source_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::buffer_body> parser_;
  std::array<char, 300> text_{};
  probe_result result_;
  std::string problem_;
  bool done_ = false;
};

} // namespace

probe_result probe(const engine_options& options) {
  asio::io_context io;
  if (auto tls = make_tls(options))
    return prober<tls_stream>{options, io, *tls}();
  return prober<tcp::socket>{options, io}();
}

} // namespace troupe::load
