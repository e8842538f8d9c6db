#pragma once

#include <boost/asio/buffers_iterator.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace troupe::load {

/// A certificate for 127.0.0.1 that nobody else has signed, and its key.
struct self_signed {
  std::string certificate;
  std::string key;

  self_signed() {
    using namespace std;
    unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pair{EVP_EC_gen("P-256"),
                                                        EVP_PKEY_free};
    unique_ptr<X509, decltype(&X509_free)> x{X509_new(), X509_free};
    X509_set_version(x.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x.get()), 3600);
    X509_set_pubkey(x.get(), pair.get());
    auto* name = X509_get_subject_name(x.get());
    X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>("troupe test"), -1, -1, 0);
    X509_set_issuer_name(x.get(), name);
    auto* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                                      "IP:127.0.0.1");
    X509_add_ext(x.get(), names, -1);
    X509_EXTENSION_free(names);
    X509_sign(x.get(), pair.get(), EVP_sha256());
    certificate = text([&](BIO* out) { PEM_write_bio_X509(out, x.get()); });
    key = text([&](BIO* out) {
      PEM_write_bio_PrivateKey(out, pair.get(), nullptr, nullptr, 0, nullptr,
                               nullptr);
    });
  }

private:
  template <class F>
  static std::string text(F write) {
    std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()),
                                                  BIO_free};
    write(out.get());
    char* data = nullptr;
    auto size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

/// An HTTP server on 127.0.0.1 whose every byte the test says: what the engine
/// does with them is told from what it records.
class scripted_server {
public:
  struct step {
    /// Sent in this order, each by a write of its own.
    std::vector<std::string> parts;
    bool close = false;
  };

  /// Called with a whole request, head and body, on the connection's thread.
  using script = std::function<step(const std::string& request)>;

  explicit scripted_server(script play, const self_signed* tls = nullptr)
    : play_(std::move(play)), acceptor_(io_, {loopback(), 0}) {
    if (tls != nullptr) {
      namespace ssl = boost::asio::ssl;
      tls_.emplace(ssl::context::tls_server);
      tls_->use_certificate(boost::asio::buffer(tls->certificate),
                            ssl::context::pem);
      tls_->use_private_key(boost::asio::buffer(tls->key), ssl::context::pem);
    }
    accepting_ = std::thread{[this] { accept(); }};
  }

  ~scripted_server() {
    stopping_ = true;
    // Wakes the accept.
    boost::system::error_code ignored;
    tcp::socket last{io_};
    last.connect({loopback(), port()}, ignored);
    accepting_.join();
    std::unique_lock guard{mutex_};
    for (auto& x : sockets_)
      x->shutdown(tcp::socket::shutdown_both, ignored);
    guard.unlock();
    for (auto& x : threads_)
      x.join();
  }

  [[nodiscard]] std::uint16_t port() const {
    return acceptor_.local_endpoint().port();
  }

  [[nodiscard]] std::string url(const std::string& path = "/") const {
    auto scheme = std::string{tls_ ? "https" : "http"};
    return scheme.append("://127.0.0.1:")
      .append(std::to_string(port()))
      .append(path);
  }

  [[nodiscard]] int connections() const noexcept {
    return connections_;
  }

private:
  using tcp = boost::asio::ip::tcp;

  static boost::asio::ip::address loopback() {
    return boost::asio::ip::make_address("127.0.0.1");
  }

  void accept() {
    for (;;) {
      auto socket = std::make_shared<tcp::socket>(io_);
      boost::system::error_code ec;
      acceptor_.accept(*socket, ec);
      if (stopping_ || ec)
        return;
      ++connections_;
      std::unique_lock guard{mutex_};
      sockets_.push_back(socket);
      threads_.emplace_back([this, socket] { serve(*socket); });
    }
  }

  void serve(tcp::socket& socket) {
    boost::system::error_code ec;
    socket.set_option(tcp::no_delay{true}, ec);
    if (tls_) {
      boost::asio::ssl::stream<tcp::socket&> stream{socket, *tls_};
      stream.handshake(boost::asio::ssl::stream_base::server, ec);
      if (!ec)
        answer_all(stream);
    } else {
      answer_all(socket);
    }
    socket.shutdown(tcp::socket::shutdown_both, ec);
  }

  template <class Stream>
  void answer_all(Stream& stream) {
    boost::system::error_code ec;
    std::string input;
    for (;;) {
      auto head = boost::asio::read_until(
        stream, boost::asio::dynamic_buffer(input), "\r\n\r\n", ec);
      if (ec)
        return;
      std::size_t length = 0;
      if (auto at = input.find("Content-Length: "); at < head)
        length = std::stoul(input.substr(at + 16));
      if (input.size() < head + length)
        boost::asio::read(
          stream, boost::asio::dynamic_buffer(input),
          boost::asio::transfer_exactly(head + length - input.size()), ec);
      if (ec)
        return;
      auto now = play_(input.substr(0, head + length));
      input.erase(0, head + length);
      for (const auto& part : now.parts) {
        boost::asio::write(stream, boost::asio::buffer(part), ec);
        if (ec)
          return;
      }
      if (now.close)
        return;
    }
  }

  script play_;
  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  std::optional<boost::asio::ssl::context> tls_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<std::shared_ptr<tcp::socket>> sockets_;
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

/// An answer with a length.
inline std::string answer(const std::string& body, int status = 200) {
  return std::string{"HTTP/1.1 "}
    .append(std::to_string(status))
    .append(" X\r\nContent-Type: application/json\r\nContent-Length: ")
    .append(std::to_string(body.size()))
    .append("\r\n\r\n")
    .append(body);
}

} // namespace troupe::load
