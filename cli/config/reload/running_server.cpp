#include "troupe/cli/config/reload/running_server.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

namespace troupe {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// No answer of a Troupe server is larger.
constexpr std::size_t most_bytes = 64UL * 1024 * 1024;

[[noreturn]] void fail_to_ask(const server_address& at,
                              const std::string& why) {
  throw std::runtime_error("cannot ask the server at " + at.host + ':' + at.port
                           + ": " + why);
}

/// A socket that is closed at the end.
class open_socket {
public:
  explicit open_socket(int fd) noexcept : fd_(fd) {
    // nop
  }

  ~open_socket() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  open_socket(const open_socket&) = delete;
  open_socket& operator=(const open_socket&) = delete;

  [[nodiscard]] int get() const noexcept {
    return fd_;
  }

private:
  int fd_;
};

/// One question and its answer, within a time.
class question {
public:
  question(const server_address& at, milliseconds timeout)
    : at_(&at), end_(steady_clock::now() + timeout) {
    // nop
  }

  std::string ask(const std::string& text) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (auto code =
          ::getaddrinfo(at_->host.c_str(), at_->port.c_str(), &hints, &found);
        code != 0)
      fail_to_ask(*at_, ::gai_strerror(code));
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list{found,
                                                              &::freeaddrinfo};
    auto error = 0;
    for (const auto* x = list.get(); x != nullptr; x = x->ai_next) {
      open_socket socket{::socket(
        x->ai_family, x->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
      error = connect_to(socket.get(), *x);
      if (error == 0)
        return talk(socket.get(), text);
    }
    fail_to_ask(*at_, std::strerror(error));
  }

private:
  void wait(int fd, short what) {
    auto left = std::chrono::ceil<milliseconds>(end_ - steady_clock::now());
    pollfd x{fd, what, 0};
    auto n = ::poll(
      &x, 1, static_cast<int>(std::max<milliseconds::rep>(left.count(), 0)));
    if (n == 0)
      fail_to_ask(*at_, "it does not answer");
    if (n < 0 && errno != EINTR)
      fail_to_ask(*at_, std::strerror(errno));
  }

  /// @returns 0 or an error number
  int connect_to(int fd, const addrinfo& to) {
    if (fd < 0)
      return errno;
    if (::connect(fd, to.ai_addr, to.ai_addrlen) == 0)
      return 0;
    if (errno != EINPROGRESS)
      return errno;
    wait(fd, POLLOUT);
    auto error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }

  std::string talk(int fd, std::string_view text) {
    while (!text.empty()) {
      auto n = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
      if (n > 0)
        text.remove_prefix(static_cast<std::size_t>(n));
      else if (errno == EAGAIN)
        wait(fd, POLLOUT);
      else
        fail_to_ask(*at_, std::strerror(errno));
    }
    std::string result;
    std::array<char, 16'384> piece;
    for (;;) {
      auto n = ::recv(fd, piece.data(), piece.size(), 0);
      if (n == 0)
        return result;
      if (n > 0)
        result.append(piece.data(), static_cast<std::size_t>(n));
      else if (errno == EAGAIN)
        wait(fd, POLLIN);
      else
        fail_to_ask(*at_, std::strerror(errno));
      if (result.size() > most_bytes)
        fail_to_ask(*at_, "its answer is too large");
    }
  }

  const server_address* at_;
  steady_clock::time_point end_;
};

/// What a status of `/admin/config` means.
std::string meaning_of(std::string_view status) {
  if (status == "401")
    return "the admin key is not that of the server; set the variable that "
           "server.admin.api_key_env names";
  if (status == "404")
    return "it has no admin endpoints; set server.admin.enabled there";
  return "it answers " + std::string{status};
}

} // namespace

server_address parse_server_url(const std::string& url) {
  constexpr std::string_view scheme = "http://";
  auto wrong = [&] {
    return std::invalid_argument("--against: expected http://HOST:PORT, got \""
                                 + url + '"');
  };
  if (!url.starts_with(scheme))
    throw wrong();
  std::string_view rest{url};
  rest.remove_prefix(scheme.size());
  server_address result;
  auto slash = std::min(rest.find('/'), rest.size());
  result.prefix = rest.substr(slash);
  while (result.prefix.ends_with('/'))
    result.prefix.pop_back();
  auto authority = rest.substr(0, slash);
  auto colon = authority.rfind(':');
  // An IPv6 address has colons of its own, and brackets.
  if (colon == std::string_view::npos
      || (authority.ends_with(']') && authority.starts_with('['))) {
    result.host = authority;
    result.port = "80";
  } else {
    result.host = authority.substr(0, colon);
    result.port = authority.substr(colon + 1);
  }
  if (result.host.starts_with('[') && result.host.ends_with(']'))
    result.host = result.host.substr(1, result.host.size() - 2);
  if (result.host.empty() || result.port.empty()
      || result.port.find_first_not_of("0123456789") != std::string::npos)
    throw wrong();
  return result;
}

served_config ask_for_config(const server_address& at, const std::string& key,
                             milliseconds timeout) {
  std::string text = "GET ";
  text.append(at.prefix).append("/admin/config HTTP/1.1\r\nHost: ");
  text.append(at.host).append(":").append(at.port);
  text.append("\r\nConnection: close\r\nX-API-Key: ").append(key);
  text.append("\r\n\r\n");
  auto answer = question{at, timeout}.ask(text);
  constexpr std::string_view version = "HTTP/1.1 ";
  auto body = answer.find("\r\n\r\n");
  if (!answer.starts_with(version) || body == std::string::npos)
    fail_to_ask(at, "it does not speak HTTP");
  auto status = std::string_view{answer}.substr(version.size(), 3);
  if (status != "200")
    fail_to_ask(at, meaning_of(status));
  try {
    return served_config::from_json(
      nlohmann::json::parse(std::string_view{answer}.substr(body + 4)));
  } catch (const nlohmann::json::exception&) {
    fail_to_ask(at, "its answer is not that of a Troupe server");
  }
}

} // namespace troupe
