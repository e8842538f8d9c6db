#include "troupe/bench/support/load.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <ctime>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>

namespace troupe::bench {

namespace {

using clock = std::chrono::steady_clock;

/// How long no answer may come.
constexpr std::chrono::seconds patience{30};

class connection {
public:
  connection() = default;

  connection(connection&& other) noexcept
    : input(std::move(other.input)),
      sent(other.sent),
      fd(std::exchange(other.fd, -1)) {
    // nop
  }

  connection& operator=(connection&&) = delete;

  ~connection() {
    if (fd >= 0)
      close(fd);
  }

  std::string input;
  clock::time_point sent;
  int fd = -1;
};

double thread_cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

int open_connection(std::uint16_t port) {
  auto fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto on = 1;
  timeval bound{patience.count(), 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
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

/// Reads what is there. @returns whether the answer is complete.
bool receive(connection& c) {
  std::array<char, 16384> buffer;
  auto n = recv(c.fd, buffer.data(), buffer.size(), 0);
  if (n <= 0)
    throw std::runtime_error("no answer: connection closed, or 30 s over");
  c.input.append(buffer.data(), static_cast<std::size_t>(n));
  auto end = c.input.find("\r\n\r\n");
  if (end == std::string::npos)
    return false;
  constexpr std::string_view key = "Content-Length: ";
  auto at = c.input.find(key);
  if (at == std::string::npos || at > end)
    throw std::runtime_error("no length");
  std::size_t length = 0;
  std::from_chars(c.input.data() + at + key.size(),
                  c.input.data() + c.input.size(), length);
  if (c.input.size() < end + 4 + length)
    return false;
  if (c.input.compare(9, 3, "200") != 0)
    throw std::runtime_error("not 200: " + c.input);
  c.input.clear();
  return true;
}

/// Waits until one of them has something to read.
void wait_for_input(std::vector<pollfd>& polls) {
  constexpr auto bound = std::chrono::milliseconds{patience}.count();
  // With one connection a blocking read is what a plain client does.
  if (polls.size() == 1)
    polls[0].revents = POLLIN;
  else if (poll(polls.data(), polls.size(), bound) == 0)
    throw std::runtime_error("no answer for 30 s");
}

} // namespace

void load_result::merge(const load_result& other) {
  answers += other.answers;
  drained += other.drained;
  seconds += other.seconds;
  loader_cpu_seconds += other.loader_cpu_seconds;
  auto middle = latencies_us.insert(
    latencies_us.end(), other.latencies_us.begin(), other.latencies_us.end());
  std::inplace_merge(latencies_us.begin(), middle, latencies_us.end());
}

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
  auto cpu = thread_cpu_seconds();
  auto start = clock::now();
  auto end = start + duration;
  for (auto& c : all)
    send_all(c, request);
  auto now = start;
  while (now < end) {
    wait_for_input(polls);
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto& c = all[i];
      if (polls[i].revents == 0 || !receive(c))
        continue;
      now = clock::now();
      ++result.answers;
      result.latencies_us.push_back(
        std::chrono::duration<double, std::micro>(now - c.sent).count());
      send_all(c, request);
    }
  }
  result.seconds = std::chrono::duration<double>(now - start).count();
  result.loader_cpu_seconds = thread_cpu_seconds() - cpu;
  for (auto& c : all) {
    while (!receive(c)) {
      // the rest of it is to come
    }
    ++result.drained;
  }
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
