// What 50 clients that never stop do to one that asks now and then, on one I/O
// thread and an inline model: its p50 beside them against its p50 alone. First
// clients that pipeline as much as the server takes, then clients with one
// request each, of which the next follows the answer at once.
//
// usage: flooders [rounds] [seconds] [flooders] [--json FILE]

#include "troupe/bench/support/child.hpp"
#include "troupe/bench/support/load.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/bench/support/troupe_server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace troupe;
using namespace troupe::bench;
using r = results;
using std::chrono::milliseconds;

enum class manner { pipelines, one_at_a_time };

/// Floods from a thread of its own, which steps back for the client that is
/// measured: what counts is the server.
class flood {
public:
  flood(std::uint16_t port, std::size_t connections, manner how)
    : requests_(how == manner::pipelines ? 64 : 1) {
    auto one = post_request("/predict", "{\"input\": 4.0}");
    for (std::size_t i = 0; i < requests_; ++i)
      text_ += one;
    for (std::size_t i = 0; i < connections; ++i)
      open(port);
    thread_ = std::thread{[this] { run(); }};
  }

  flood(const flood&) = delete;
  flood& operator=(const flood&) = delete;

  ~flood() {
    stop_ = true;
    thread_.join();
    for (const auto& x : sockets_)
      close(x.fd);
  }

  [[nodiscard]] std::uint64_t answers() const noexcept {
    return answers_.load(std::memory_order_relaxed);
  }

private:
  void open(std::uint16_t port) {
    auto fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0
        || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
      throw std::runtime_error("cannot connect");
    sockets_.push_back({fd, POLLIN | POLLOUT, 0});
    sent_.push_back(0);
  }

  void run() {
    constexpr int lowest = 19;
    // Else it would never have 50 requests open at once.
    if (requests_ > 1)
      setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), lowest);
    while (!stop_) {
      poll(sockets_.data(), sockets_.size(), 10);
      for (std::size_t i = 0; i < sockets_.size(); ++i)
        serve(i);
    }
  }

  void serve(std::size_t i) {
    auto& x = sockets_[i];
    auto answered = (x.revents & POLLIN) != 0;
    if (answered) {
      std::array<char, 65536> buffer;
      auto n = recv(x.fd, buffer.data(), buffer.size(), 0);
      // One in two pieces is as good as missed.
      constexpr std::string_view begin = "HTTP/1.1 200";
      std::string_view text{buffer.data(),
                            static_cast<std::size_t>(std::max<ssize_t>(n, 0))};
      for (auto at = text.find(begin); at != std::string_view::npos;
           at = text.find(begin, at + 1))
        answers_.fetch_add(1, std::memory_order_relaxed);
    }
    // An answer of this size comes in one piece, and so does the request.
    if (requests_ == 1 ? answered || sent_[i] == 0
                       : (x.revents & POLLOUT) != 0) {
      auto at = sent_[i] % text_.size();
      auto n = send(x.fd, text_.data() + at, text_.size() - at, MSG_NOSIGNAL);
      if (n > 0)
        sent_[i] += static_cast<std::size_t>(n);
      else if (errno != EAGAIN)
        stop_ = true;
    }
    if (requests_ == 1)
      x.events = POLLIN;
  }

  std::size_t requests_;
  std::string text_;
  std::vector<pollfd> sockets_;
  std::vector<std::size_t> sent_;
  std::atomic<std::uint64_t> answers_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

double p50_of(const child& server, milliseconds duration) {
  static const auto request = post_request("/predict", "{\"input\": 4.0}");
  return closed_loop(server.port, request, 1, duration).percentile(50);
}

/// What a flood does to one client.
struct harm {
  series p50;
  /// Answers to the flood for each second.
  series rate;

  void round(const child& server, std::size_t flooders, manner how,
             milliseconds duration, double alone) {
    flood others{server.port, flooders, how};
    p50.rounds.push_back(p50_of(server, duration) / alone);
    rate.rounds.push_back(static_cast<double>(others.answers()) * 1e3
                          / static_cast<double>(duration.count()));
  }
};

} // namespace

int main(int argc, char** argv) {
  results out{"bench_flooders", argc, argv};
  const auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  const auto seconds = argc > 2 ? std::atof(argv[2]) : 1;
  const auto flooders =
    argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 50;
  const milliseconds duration{static_cast<int>(seconds * 1000)};
  child server{[] { run_troupe_server(execution_mode::inlined); }};
  series alone;
  harm pipelined;
  harm one_each;
  for (int i = 0; i < rounds; ++i) {
    auto before = p50_of(server, duration);
    alone.rounds.push_back(before);
    pipelined.round(server, flooders, manner::pipelines, duration, before);
    one_each.round(server, flooders, manner::one_at_a_time, duration, before);
  }
  out.add_rounds("p50 of a client alone", alone, "us");
  out.add_ratio("p50 beside clients that pipeline / alone", pipelined.p50,
                r::at_most(3));
  out.add_rounds("their answers", pipelined.rate, "1/s");
  out.add_ratio("p50 beside clients with one request each / alone",
                one_each.p50);
  out.add_rounds("their answers", one_each.rate, "1/s");
}
