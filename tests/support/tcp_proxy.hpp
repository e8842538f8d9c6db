#pragma once

#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace troupe {

/// Stands between the two ends of TCP connections on the loopback, and can
/// swallow what they send: both then see what they see when the network between
/// them is cut, no data and no end.
class tcp_proxy {
public:
  explicit tcp_proxy(std::uint16_t target) : target_(target) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    ::listen(listener_, 16);
    socklen_t size = sizeof(address);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { run(); }};
  }

  tcp_proxy(const tcp_proxy&) = delete;
  tcp_proxy& operator=(const tcp_proxy&) = delete;

  ~tcp_proxy() {
    ends_ = true;
    thread_.join();
    for (auto fd : fds_)
      ::close(fd);
    ::close(listener_);
  }

  [[nodiscard]] std::uint16_t port() const noexcept {
    return port_;
  }

  /// Nothing passes any more, new connections included, until `join`.
  void cut() noexcept {
    cut_ = true;
  }

  void join() noexcept {
    cut_ = false;
  }

private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_port = htons(port);
    result.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return result;
  }

  void run() {
    while (!ends_) {
      std::vector<pollfd> polled{{listener_, POLLIN, 0}};
      for (auto fd : fds_)
        polled.push_back({fd, POLLIN, 0});
      // Short, because nothing wakes it up at the end.
      ::poll(polled.data(), polled.size(), 5);
      if (cut_) {
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
        continue;
      }
      for (std::size_t i = 1; i < polled.size(); ++i)
        if (polled[i].revents != 0)
          forward(i - 1);
      if (polled[0].revents != 0)
        accept();
      drop_closed();
    }
  }

  /// Pairs stand side by side.
  void accept() {
    const auto from = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (from < 0)
      return;
    const auto to = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(target_);
    if (::connect(to, reinterpret_cast<sockaddr*>(&address), sizeof(address))
        != 0) {
      ::close(from);
      ::close(to);
      return;
    }
    fds_.push_back(from);
    fds_.push_back(to);
  }

  void forward(std::size_t i) {
    std::array<char, 65'536> buffer;
    const auto n = ::recv(fds_[i], buffer.data(), buffer.size(), 0);
    const auto to = fds_[i ^ 1U];
    if (n <= 0) {
      ::shutdown(to, SHUT_RDWR);
      closed_.push_back(i / 2);
      return;
    }
    for (ssize_t done = 0; done < n;) {
      const auto m = ::send(to, buffer.data() + done,
                            static_cast<std::size_t>(n - done), MSG_NOSIGNAL);
      if (m <= 0)
        return;
      done += m;
    }
  }

  void drop_closed() {
    std::vector<int> left;
    for (std::size_t pair = 0; pair < fds_.size() / 2; ++pair) {
      auto gone = false;
      for (auto x : closed_)
        gone = gone || x == pair;
      for (auto i : {2 * pair, 2 * pair + 1})
        if (gone)
          ::close(fds_[i]);
        else
          left.push_back(fds_[i]);
    }
    closed_.clear();
    fds_ = std::move(left);
  }

  std::uint16_t target_;
  std::uint16_t port_ = 0;
  int listener_ = -1;
  std::vector<int> fds_;
  std::vector<std::size_t> closed_;
  std::atomic<bool> cut_{false};
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

} // namespace troupe
