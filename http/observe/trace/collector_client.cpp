#include "troupe/http/observe/trace/collector_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <charconv>
#include <openssl/ssl.h>
#include <stdexcept>

namespace troupe {

namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

/// Of what a collector says; more than a page of it is of no use.
constexpr std::size_t most_answer = 64UL * 1024;

using tls_stream = asio::ssl::stream<tcp::socket>;

std::string host_field(const collector_url& where) {
  auto result = where.host.find(':') == std::string::npos
                  ? where.host
                  : std::string{"["}.append(where.host).append("]");
  const std::uint16_t usual = where.tls ? 443 : 80;
  if (where.port != usual)
    result.append(":").append(std::to_string(where.port));
  return result;
}

std::optional<std::chrono::seconds> seconds_from(std::string_view text) {
  std::uint32_t n = 0;
  auto [at, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || at != text.data() + text.size())
    return std::nullopt;
  return std::chrono::seconds{n};
}

/// One attempt, from the name of the host to the answer.
class attempt {
public:
  attempt(const collector_url& where,
          const beast_http::request<beast_http::string_body>& request,
          asio::ssl::context* tls)
    : where_(where), request_(request), tls_(tls) {
    parser_.body_limit(most_answer);
  }

  collector_answer run(std::chrono::milliseconds timeout) {
    step_ = "no address for " + where_.host;
    resolver_.async_resolve(
      where_.host, std::to_string(where_.port),
      [this](const error_code& ec, const tcp::resolver::results_type& found) {
        if (!failed(ec))
          connect(found);
      });
    io_.run_for(timeout);
    collector_answer result;
    if (parser_.is_header_done()) {
      auto& message = parser_.get();
      result.status = static_cast<int>(message.result_int());
      result.retry_after =
        seconds_from(std::string_view{message[beast_http::field::retry_after]});
      result.body = std::move(message.body());
    } else if (error_) {
      result.error = step_ + ": " + error_.message();
    } else {
      result.error = "no answer in time";
    }
    return result;
  }

private:
  bool failed(const error_code& ec) {
    error_ = ec;
    return static_cast<bool>(ec);
  }

  tcp::socket& socket() noexcept {
    return secure_ ? secure_->next_layer() : plain_;
  }

  void connect(const tcp::resolver::results_type& found) {
    step_ = "cannot connect";
    if (tls_ != nullptr)
      secure_.emplace(io_, *tls_);
    asio::async_connect(socket(), found,
                        [this](const error_code& ec, const tcp::endpoint&) {
                          if (failed(ec))
                            return;
                          if (secure_)
                            shake_hands();
                          else
                            talk(plain_);
                        });
  }

  void shake_hands() {
    step_ = "no TLS";
    // An address is not a server name.
    error_code no_address;
    asio::ip::make_address(where_.host, no_address);
    if (no_address)
      SSL_set_tlsext_host_name(secure_->native_handle(), where_.host.c_str());
    secure_->set_verify_callback(
      asio::ssl::host_name_verification{where_.host});
    secure_->async_handshake(asio::ssl::stream_base::client,
                             [this](const error_code& ec) {
                               if (!failed(ec))
                                 talk(*secure_);
                             });
  }

  template <class Stream>
  void talk(Stream& stream) {
    step_ = "the connection broke";
    beast_http::async_write(
      stream, request_, [this, &stream](const error_code& ec, std::size_t) {
        if (failed(ec))
          return;
        beast_http::async_read(
          stream, buffer_, parser_,
          [this](const error_code& why, std::size_t) { failed(why); });
      });
  }

  const collector_url& where_;
  const beast_http::request<beast_http::string_body>& request_;
  asio::ssl::context* tls_;
  asio::io_context io_{1};
  tcp::resolver resolver_{io_};
  tcp::socket plain_{io_};
  std::optional<tls_stream> secure_;
  boost::beast::flat_buffer buffer_;
  beast_http::response_parser<beast_http::string_body> parser_;
  std::string step_;
  error_code error_;
};

asio::ssl::context make_context(const std::string& ca_file) {
  asio::ssl::context result{asio::ssl::context::tls_client};
  error_code ec;
  if (ca_file.empty())
    result.set_default_verify_paths(ec);
  else
    result.load_verify_file(ca_file, ec);
  if (ec)
    throw std::runtime_error("telemetry: no usable certificates in \"" + ca_file
                             + "\": " + ec.message());
  result.set_verify_mode(asio::ssl::verify_peer);
  return result;
}

} // namespace

class collector_client::impl {
public:
  impl(collector_url to, fields headers, const std::string& ca_file)
    : where_(std::move(to)), headers_(std::move(headers)) {
    if (where_.tls)
      tls_.emplace(make_context(ca_file));
  }

  collector_answer post(const std::string& text,
                        std::chrono::milliseconds timeout) {
    constexpr unsigned http_11 = 11;
    beast_http::request<beast_http::string_body> request{beast_http::verb::post,
                                                         where_.path, http_11};
    request.set(beast_http::field::host, host_field(where_));
    request.set(beast_http::field::user_agent, "troupe");
    request.set(beast_http::field::content_type, "application/json");
    request.set(beast_http::field::connection, "close");
    for (const auto& [name, value] : headers_)
      request.set(name, value);
    request.body() = text;
    request.prepare_payload();
    attempt one{where_, request, tls_ ? &*tls_ : nullptr};
    return one.run(timeout);
  }

private:
  collector_url where_;
  fields headers_;
  std::optional<asio::ssl::context> tls_;
};

collector_client::collector_client(collector_url where, fields headers,
                                   const std::string& ca_file)
  : impl_(
    std::make_unique<impl>(std::move(where), std::move(headers), ca_file)) {
  // nop
}

collector_client::~collector_client() = default;

collector_answer collector_client::post(const std::string& text,
                                        std::chrono::milliseconds timeout) {
  try {
    return impl_->post(text, timeout);
  } catch (const std::exception& e) {
    collector_answer result;
    result.error = e.what();
    return result;
  }
}

} // namespace troupe
