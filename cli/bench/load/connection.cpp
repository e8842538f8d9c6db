#include "troupe/cli/bench/load/connection.hpp"

#include "troupe/cli/bench/load/response_reader.hpp"
#include "troupe/cli/bench/load/tls.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include <openssl/ssl.h>
#include <optional>
#include <type_traits>

namespace troupe::load {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using plain_stream = tcp::socket;
using tls_stream = asio::ssl::stream<tcp::socket>;

constexpr std::size_t buffer_size = 64UL * 1024;

/// @tparam Stream a socket, or a TLS stream over one. A stream can't be used
///   again after its end, so each opening makes a new one, and what the old one
///   still had under way is told from it by `epoch_`.
template <class Stream>
class stream_connection final
  : public connection,
    public std::enable_shared_from_this<stream_connection<Stream>> {
public:
  static constexpr bool tls = std::is_same_v<Stream, tls_stream>;

  explicit stream_connection(const connection_setup& setup) : setup_(&setup) {
    // nop
  }

  void open() override {
    refused_ = true;
    if constexpr (tls)
      stream_ = std::make_shared<Stream>(*setup_->io, *setup_->tls);
    else
      stream_ = std::make_shared<Stream>(*setup_->io);
    asio::async_connect(stream_->lowest_layer(), setup_->addresses,
                        guarded([this](error_code ec, const tcp::endpoint&) {
                          if (ec)
                            lost(failure::connect);
                          else
                            connected();
                        }));
  }

  void send(const request_bytes& request, time_point planned) override {
    busy_ = true;
    planned_ = planned;
    sent_ = recorder::clock::now();
    last_item_ = {};
    answer_begun_ = false;
    setup_->record->sent(planned, request.bytes->size());
    rest_ = *request.bytes;
    if (open_) {
      write_now(request.stable);
      return;
    }
    keep(request.stable);
    open();
  }

  void give_up(failure what) override {
    lost(what);
  }

  void close() override {
    open_ = false;
    ++epoch_;
    if (!stream_)
      return;
    // Without the TLS farewell: nothing of value is under way.
    error_code ignored;
    stream_->lowest_layer().close(ignored);
  }

  [[nodiscard]] bool is_open() const override {
    return open_;
  }

private:
  /// A handler that keeps this and the stream alive, and does nothing once
  /// another stream has taken that one's place.
  template <class F>
  auto guarded(F f) {
    return [self = this->shared_from_this(), stream = stream_, epoch = epoch_,
            f = std::move(f)](auto&&... xs) mutable {
      if (self->epoch_ == epoch)
        f(std::forward<decltype(xs)>(xs)...);
    };
  }

  void connected() {
    error_code ignored;
    stream_->lowest_layer().set_option(tcp::no_delay{true}, ignored);
    if constexpr (tls) {
      expect_host(*stream_, setup_->host);
      stream_->async_handshake(asio::ssl::stream_base::client,
                               guarded([this](error_code ec) {
                                 if (ec)
                                   lost(failure::connect);
                                 else
                                   opened();
                               }));
    } else {
      stream_->non_blocking(true, ignored);
      opened();
    }
  }

  void opened() {
    open_ = true;
    refused_ = false;
    reader_.reset();
    used_ = 0;
    if (!buffer_)
      buffer_.reset(new char[buffer_size]);
    read();
    if (busy_)
      write_rest();
    else
      setup_->user->on_ready(this->shared_from_this());
  }

  /// Most requests fit the socket's buffer: no handler is made for them.
  void write_now(bool stable) {
    if constexpr (!tls) {
      error_code ec;
      auto n = stream_->write_some(asio::buffer(rest_), ec);
      if (ec && ec != asio::error::would_block) {
        lost(failure::closed);
        return;
      }
      rest_.remove_prefix(ec ? 0 : n);
      if (rest_.empty())
        return;
    }
    keep(stable);
    write_rest();
  }

  void keep(bool stable) {
    if (stable)
      return;
    out_.assign(rest_);
    rest_ = out_;
  }

  void write_rest() {
    asio::async_write(*stream_, asio::buffer(rest_),
                      guarded([this](error_code ec, std::size_t) {
                        // An answer may come before the request was read; the
                        // read notices it.
                        if (ec && busy_ && !answer_begun_)
                          lost(failure::closed);
                      }));
  }

  void read() {
    stream_->async_read_some(
      asio::buffer(buffer_.get() + used_, buffer_size - used_),
      guarded([this](error_code ec, std::size_t n) {
        if (ec)
          at_end();
        else
          take(n);
      }));
  }

  void take(std::size_t n) {
    auto now = recorder::clock::now();
    setup_->record->received(now, n);
    if (!busy_) {
      lost(failure::malformed);
      return;
    }
    used_ += n;
    answer_begun_ = true;
    auto more = parse(now);
    if (more)
      read();
  }

  /// @returns whether to go on reading.
  bool parse(time_point now) {
    std::size_t done = 0;
    while (done < used_) {
      if (!reader_)
        reader_.emplace(setup_->head);
      error_code ec;
      done +=
        reader_->put(asio::buffer(buffer_.get() + done, used_ - done), ec);
      if (ec && ec != http::error::need_more) {
        lost(failure::malformed);
        return false;
      }
      if (auto count = reader_->take_items()) {
        setup_->record->items(planned_, last_item_, now, count);
        last_item_ = now;
      }
      if (reader_->is_done()) {
        // 100 Continue and its like come before the answer.
        if (reader_->status() >= 200)
          return answered(now, done == used_);
        reader_.reset();
      } else if (ec == http::error::need_more) {
        break;
      }
    }
    std::copy(buffer_.get() + done, buffer_.get() + used_, buffer_.get());
    used_ -= done;
    if (used_ < buffer_size)
      return true;
    lost(failure::malformed);
    return false;
  }

  bool answered(time_point now, bool clean) {
    auto status = reader_->status();
    // Bytes that follow an answer unasked spoil the connection.
    auto keep_alive = clean && reader_->keep_alive();
    reader_.reset();
    used_ = 0;
    busy_ = false;
    setup_->record->answered(planned_, sent_, now, status);
    auto self = this->shared_from_this();
    auto epoch = epoch_;
    if (!keep_alive) {
      close();
      setup_->user->on_closed(self, false);
      return false;
    }
    setup_->user->on_ready(self);
    return epoch_ == epoch;
  }

  void at_end() {
    if (busy_ && reader_ && reader_->got_some() && reader_->is_header_done()
        && !reader_->chunked() && !reader_->content_length()) {
      // The body of an answer without a length ends with the connection.
      error_code ec;
      reader_->put_eof(ec);
      if (!ec && reader_->is_done()) {
        if (auto count = reader_->take_items())
          setup_->record->items(planned_, last_item_, recorder::clock::now(),
                                count);
        answered(recorder::clock::now(), false);
        return;
      }
    }
    lost(failure::closed);
  }

  void lost(failure what) {
    auto refused = refused_;
    close();
    if (busy_) {
      busy_ = false;
      setup_->record->failed(planned_, what, recorder::clock::now());
    }
    setup_->user->on_closed(this->shared_from_this(), refused);
  }

  const connection_setup* setup_;
  std::shared_ptr<Stream> stream_;
  std::uint64_t epoch_ = 0;
  bool open_ = false;
  bool refused_ = false;
  /// Of the request, what is still to be sent; of `out_` unless that is stable.
  std::string_view rest_;
  std::string out_;
  std::optional<response_reader> reader_;
  std::unique_ptr<char[]> buffer_;
  /// Bytes in the buffer that the parser has not taken yet.
  std::size_t used_ = 0;
  bool answer_begun_ = false;
  time_point last_item_;
};

} // namespace

connection::~connection() {
  // nop
}

std::shared_ptr<connection> make_connection(const connection_setup& setup) {
  if (setup.tls != nullptr)
    return std::make_shared<stream_connection<tls_stream>>(setup);
  return std::make_shared<stream_connection<plain_stream>>(setup);
}

} // namespace troupe::load
