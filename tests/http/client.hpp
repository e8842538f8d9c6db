#pragma once

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <cstdint>
#include <cstdlib>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace troupe {

/// A client that sends bytes as they are and waits for at most ten seconds.
class client {
public:
  struct response {
    int status = 0;
    std::string head = {};
    std::string body = {};
    /// Whether the body came to its end.
    bool complete = false;

    [[nodiscard]] bool has(std::string_view field) const {
      return head.find("\r\n" + std::string{field} + "\r\n")
             != std::string::npos;
    }

    [[nodiscard]] bool closes() const {
      return has("Connection: close");
    }
  };

  explicit client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&where), sizeof(where)) != 0)
      ADD_FAILURE() << "cannot connect to port " << port;
  }

  ~client() {
    close();
  }

  client(const client&) = delete;
  client& operator=(const client&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0)
        return;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  /// Sends nothing any more, but still reads.
  void end_sending() {
    ::shutdown(fd_, SHUT_WR);
  }

  void close() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }

  /// Whether the server has closed, after what was read so far.
  bool at_end() {
    return input_.empty() && !more();
  }

  /// Reads a whole answer; `head_only` for HEAD and 1xx.
  response read(bool head_only = false) {
    response result;
    std::size_t end = 0;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos)
      if (!more())
        return result;
    result.head = input_.substr(0, end + 4);
    input_.erase(0, end + 4);
    result.status = std::atoi(result.head.c_str() + 9);
    constexpr std::string_view length = "\r\nContent-Length: ";
    if (head_only)
      result.complete = true;
    else if (result.has("Transfer-Encoding: chunked"))
      result.complete = read_chunks(result.body);
    else if (auto i = result.head.find(length); i != std::string::npos)
      result.complete = take(
        std::strtoull(result.head.c_str() + i + length.size(), nullptr, 10),
        result.body);
    else
      result.complete = result.status == 204 || result.closes();
    return result;
  }

  /// Reads the next chunk's data; "" for the last or none.
  std::string read_chunk() {
    std::size_t end = 0;
    while ((end = input_.find("\r\n")) == std::string::npos)
      if (!more())
        return {};
    auto size = std::strtoull(input_.c_str(), nullptr, 16);
    input_.erase(0, end + 2);
    std::string result;
    std::string newline;
    if (!take(size, result) || !take(2, newline))
      return {};
    last_chunk_ = size == 0;
    return result;
  }

  /// Takes up to `n` bytes that are there.
  void receive(std::size_t n) {
    std::string bytes(n, ' ');
    auto got = ::recv(fd_, bytes.data(), n, MSG_DONTWAIT);
    if (got > 0)
      input_.append(bytes, 0, static_cast<std::size_t>(got));
  }

  response ask(std::string_view bytes) {
    send(bytes);
    return read();
  }

private:
  bool read_chunks(std::string& out) {
    last_chunk_ = false;
    for (;;) {
      auto chunk = read_chunk();
      if (chunk.empty())
        return last_chunk_;
      out += chunk;
    }
  }

  bool take(std::size_t n, std::string& out) {
    while (input_.size() < n)
      if (!more()) {
        out = std::exchange(input_, {});
        return false;
      }
    out = input_.substr(0, n);
    input_.erase(0, n);
    return true;
  }

  bool more() {
    pollfd p{fd_, POLLIN, 0};
    if (::poll(&p, 1, 10'000) <= 0) {
      ADD_FAILURE() << "the server neither answered nor closed";
      return false;
    }
    char buffer[16'384];
    auto n = ::recv(fd_, buffer, sizeof(buffer), 0);
    if (n > 0)
      input_.append(buffer, static_cast<std::size_t>(n));
    return n > 0;
  }

  int fd_;
  std::string input_;
  bool last_chunk_ = false;
};

} // namespace troupe
