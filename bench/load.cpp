#include "troupe/bench/load.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::bench {

namespace {

using clock = std::chrono::steady_clock;

struct connection {
  int fd = -1;
  std::string input;
  clock::time_point sent;
};

int open_connection(std::uint16_t port) {
  auto fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(fd, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
    throw std::runtime_error("cannot connect");
  return fd;
}

void send_all(connection& c, const std::string& request) {
  c.sent = clock::now();
  std::size_t done = 0;
  while (done < request.size()) {
    auto n =
      send(c.fd, request.data() + done, request.size() - done, MSG_NOSIGNAL);
    if (n <= 0)
      throw std::runtime_error("cannot send");
    done += static_cast<std::size_t>(n);
  }
}

/// Reads what is there. @returns the status once the answer is complete.
int receive(connection& c) {
  std::array<char, 16384> buffer;
  auto n = recv(c.fd, buffer.data(), buffer.size(), 0);
  if (n <= 0)
    throw std::runtime_error("connection closed");
  c.input.append(buffer.data(), static_cast<std::size_t>(n));
  auto end = c.input.find("\r\n\r\n");
  if (end == std::string::npos)
    return 0;
  constexpr std::string_view key = "Content-Length: ";
  auto at = c.input.find(key);
  if (at == std::string::npos || at > end)
    throw std::runtime_error("no length");
  std::size_t length = 0;
  std::from_chars(c.input.data() + at + key.size(),
                  c.input.data() + c.input.size(), length);
  if (c.input.size() < end + 4 + length)
    return 0;
  auto status = std::stoi(c.input.substr(9, 3));
  c.input.clear();
  return status;
}

} // namespace

double load_result::percentile(double p) const {
  if (latencies_us.empty())
    return 0;
  auto i = static_cast<std::size_t>(p / 100
                                    * static_cast<double>(latencies_us.size()));
  return latencies_us[std::min(i, latencies_us.size() - 1)];
}

load_result closed_loop(std::uint16_t port, const std::string& request,
                        std::size_t connections,
                        std::chrono::milliseconds duration) {
  std::vector<connection> all(connections);
  std::vector<pollfd> polls;
  for (auto& c : all) {
    c.fd = open_connection(port);
    polls.push_back({c.fd, POLLIN, 0});
  }
  load_result result;
  auto start = clock::now();
  auto end = start + duration;
  for (auto& c : all)
    send_all(c, request);
  auto now = start;
  while (now < end) {
    // With one connection a blocking read is what a plain client does.
    if (connections > 1)
      poll(polls.data(), polls.size(), 1000);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (connections > 1 && (polls[i].revents & POLLIN) == 0)
        continue;
      auto& c = all[i];
      auto status = receive(c);
      if (status == 0)
        continue;
      now = clock::now();
      ++result.requests;
      result.errors += status == 200 ? 0 : 1;
      result.latencies_us.push_back(
        std::chrono::duration<double, std::micro>(now - c.sent).count());
      send_all(c, request);
    }
  }
  result.seconds = std::chrono::duration<double>(now - start).count();
  for (auto& c : all)
    close(c.fd);
  std::sort(result.latencies_us.begin(), result.latencies_us.end());
  return result;
}

std::string post_request(const std::string& path, const std::string& body) {
  return "POST " + path
         + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
           "application/json\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + body;
}

} // namespace troupe::bench
