#pragma once

#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace troupe {

/// Name and value of each field, to be sent or as received.
using header_list = std::vector<std::pair<std::string, std::string>>;

/// One answer as it came over the wire.
struct http_response {
  /// 0: none came in time, or it was garbled.
  int status = 0;
  header_list headers = {};
  /// Transfer coding removed.
  std::string body = {};
  /// Whether the body ended as its framing said.
  bool complete = false;

  /// Returns a field's first value, or "".
  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (same_name(key, name))
        return value;
    return {};
  }

  [[nodiscard]] bool has(std::string_view name) const {
    for (const auto& kvp : headers)
      if (same_name(kvp.first, name))
        return true;
    return false;
  }

  /// Whether it says that the connection ends with it.
  [[nodiscard]] bool closes() const {
    return header("Connection") == "close";
  }

  static bool same_name(std::string_view lhs, std::string_view rhs) {
    auto lower = [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    };
    if (lhs.size() != rhs.size())
      return false;
    for (std::size_t i = 0; i < lhs.size(); ++i)
      if (lower(lhs[i]) != lower(rhs[i]))
        return false;
    return true;
  }
};

/// A request as bytes. Adds `Host`, and `Content-Length` when there is a body.
inline std::string request_text(std::string_view method,
                                std::string_view target,
                                const std::string& body = {},
                                const header_list& headers = {}) {
  std::string result{method};
  result.append(" ").append(target).append(" HTTP/1.1\r\nHost: test\r\n");
  for (const auto& [name, value] : headers)
    result.append(name).append(": ").append(value).append("\r\n");
  if (!body.empty() || method == "POST")
    result += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return result.append("\r\n").append(body);
}

/// One connection to 127.0.0.1. Blocking; no call takes longer than the
/// timeout.
class http_client {
public:
  using milliseconds = std::chrono::milliseconds;

  explicit http_client(std::uint16_t port,
                       milliseconds timeout = milliseconds{30'000})
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), timeout_(timeout) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval bound{timeout.count() / 1000, (timeout.count() % 1000) * 1000};
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound));
    int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address))
        != 0)
      close();
  }

  http_client(http_client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      timeout_(other.timeout_),
      input_(std::move(other.input_)) {
    // nop
  }

  http_client& operator=(http_client&&) = delete;

  ~http_client() {
    close();
  }

  [[nodiscard]] bool connected() const noexcept {
    return fd_ >= 0;
  }

  /// Leaves, as a client that loses interest.
  void close() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }

  /// Ends the sending side only.
  void end_sending() {
    ::shutdown(fd_, SHUT_WR);
  }

  /// @returns whether everything was taken.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0)
        return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Returns whether something to read, or the end, comes within `bound`.
  [[nodiscard]] bool readable(milliseconds bound) const {
    if (!input_.empty())
      return true;
    pollfd p{fd_, POLLIN, 0};
    return ::poll(&p, 1, static_cast<int>(bound.count())) > 0;
  }

  /// Takes up to `n` bytes that are there, without a wait.
  void receive(std::size_t n) {
    std::string bytes(n, ' ');
    auto got = ::recv(fd_, bytes.data(), n, MSG_DONTWAIT);
    if (got > 0)
      input_.append(bytes, 0, static_cast<std::size_t>(got));
  }

  /// Takes up to `n` bytes that are there, and forgets them.
  void skip(std::size_t n) const {
    std::string bytes(n, ' ');
    static_cast<void>(::recv(fd_, bytes.data(), n, MSG_DONTWAIT));
  }

  /// Reads one answer, also one with a status below 200.
  /// @param headless whether it answers HEAD, so that no body follows
  http_response read(bool headless = false) {
    http_response result;
    if (!read_head(result))
      return result;
    auto coding = result.header("Transfer-Encoding");
    if (headless || result.status < 200 || result.status == 204
        || result.status == 304)
      result.complete = true;
    else if (coding == "chunked")
      result.complete = read_chunks(result.body);
    else if (auto length = number(result.header("Content-Length"), 10))
      result.complete = read_bytes(result.body, *length);
    else
      result.complete = read_to_end(result.body);
    return result;
  }

  /// Reads one chunk of a streamed answer, after `read_head`; "" is the end.
  std::optional<std::string> read_chunk() {
    auto line = read_line();
    auto size =
      line ? number(line->substr(0, line->find(';')), 16) : std::nullopt;
    std::string result;
    if (!size || !read_bytes(result, *size) || read_line() != "")
      return std::nullopt;
    return result;
  }

  /// Appends the chunks that are left. @returns whether the last one came
  bool read_chunks(std::string& out) {
    for (;;) {
      auto chunk = read_chunk();
      if (!chunk)
        return false;
      if (chunk->empty())
        return true;
      out += *chunk;
    }
  }

  /// Reads the status line and the header section.
  bool read_head(http_response& result) {
    auto line = read_line();
    if (!line || !line->starts_with("HTTP/1.1 ") || line->size() < 12)
      return false;
    auto status = number(line->substr(9, 3), 10);
    for (line = read_line(); line && !line->empty(); line = read_line()) {
      auto colon = line->find(": ");
      if (colon == std::string::npos)
        return false;
      result.headers.emplace_back(line->substr(0, colon),
                                  line->substr(colon + 2));
    }
    result.status = line && status ? static_cast<int>(*status) : 0;
    return result.status != 0;
  }

  /// Returns what comes until the other side ends the connection; nothing
  /// when it does not do so in time.
  std::optional<std::string> read_all() {
    std::string result;
    if (!read_to_end(result))
      return std::nullopt;
    return result;
  }

  /// Returns whether the other side ends the connection without another byte.
  bool closed() {
    return input_.empty() && fill() == fill_result::end;
  }

  http_response request(std::string_view method, std::string_view target,
                        const std::string& body = {},
                        const header_list& headers = {}) {
    send(request_text(method, target, body, headers));
    return read(method == "HEAD");
  }

  /// Sends bytes as they are and reads one answer.
  http_response ask(std::string_view bytes) {
    send(bytes);
    return read();
  }

  http_response get(std::string_view target, const header_list& headers = {}) {
    return request("GET", target, {}, headers);
  }

  http_response post(std::string_view target, const std::string& body,
                     const header_list& headers = {}) {
    return request("POST", target, body, headers);
  }

private:
  enum class fill_result { data, end, timeout };

  static std::optional<std::size_t> number(const std::string& text, int base) {
    std::size_t result = 0;
    auto end = text.data() + text.size();
    auto [last, ec] = std::from_chars(text.data(), end, result, base);
    if (ec != std::errc{} || last != end)
      return std::nullopt;
    return result;
  }

  fill_result fill() {
    pollfd p{fd_, POLLIN, 0};
    if (fd_ < 0 || ::poll(&p, 1, static_cast<int>(timeout_.count())) <= 0)
      return fill_result::timeout;
    char buffer[16 * 1024];
    auto n = ::recv(fd_, buffer, sizeof(buffer), 0);
    // A reset is an end, too.
    if (n <= 0)
      return fill_result::end;
    input_.append(buffer, static_cast<std::size_t>(n));
    return fill_result::data;
  }

  std::optional<std::string> read_line() {
    for (std::size_t seen = 0;;) {
      auto end = input_.find("\r\n", seen);
      if (end != std::string::npos) {
        auto line = input_.substr(0, end);
        input_.erase(0, end + 2);
        return line;
      }
      seen = input_.empty() ? 0 : input_.size() - 1;
      if (fill() != fill_result::data)
        return std::nullopt;
    }
  }

  bool read_bytes(std::string& out, std::size_t n) {
    while (input_.size() < n)
      if (fill() != fill_result::data) {
        out += std::exchange(input_, {});
        return false;
      }
    out.append(input_, 0, n);
    input_.erase(0, n);
    return true;
  }

  bool read_to_end(std::string& out) {
    for (;;) {
      auto result = fill();
      if (result == fill_result::data)
        continue;
      out += std::exchange(input_, {});
      return result == fill_result::end;
    }
  }

  int fd_;
  milliseconds timeout_;
  std::string input_;
};

} // namespace troupe
