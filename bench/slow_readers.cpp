// What slow readers of an endless stream cost everybody else: memory of the
// server for each of them, and the p99 of predict on another model beside them,
// against the same server without them. The stream comes from a model with
// continuous batching, which leaves out who is behind, or from a blocking one,
// which waits with one worker for each reader.
//
// usage: slow_readers [rounds] [seconds] [readers] [blocking readers]
//                     [--json FILE]

#include "troupe/bench/support/child.hpp"
#include "troupe/bench/support/load.hpp"
#include "troupe/bench/support/measure.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/bench/support/troupe_server.hpp"
#include "troupe/http/server.hpp"
#include "troupe/models/builtin.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace troupe;
using namespace troupe::bench;
using r = results;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kib = 1024;
constexpr std::size_t item_bytes = 1024;

/// What a reader may cost beside its credit: the connection, its buffers for
/// requests, the exchange, and what the allocator cannot give back.
constexpr std::size_t reader_overhead = 32 * kib;

/// What the thread of a worker takes besides: its stack, and what the allocator
/// keeps for it.
constexpr std::size_t worker_overhead = 64 * kib;

/// Bytes that one slow reader takes in a second, in pieces of `piece`.
constexpr double pace = 4.0 * kib;
constexpr std::size_t piece = 1 * kib;

// -- the server ---------------------------------------------------------------

/// Writes an item to everybody in each step, for ever.
class endless_steps {
public:
  struct state {};

  explicit endless_steps(std::size_t capacity) : capacity_(capacity) {
    // nop
  }

  [[nodiscard]] std::size_t capacity() const {
    return capacity_;
  }

  state admit(const nlohmann::json&) {
    return {};
  }

  void step(std::span<sequence<state, std::string>> live) {
    for (auto& x : live)
      x.write(item_);
  }

private:
  std::size_t capacity_;
  std::string item_ = std::string(item_bytes, 'x');
};

/// Writes items to its one reader, for ever.
class endless_writes {
public:
  void predict(const nlohmann::json&, stream<std::string>& out) {
    while (out.write(item_)) {
    }
  }

private:
  std::string item_ = std::string(item_bytes, 'x');
};

model_options model_at(const char* name, const char* path) {
  model_options result;
  result.name = name;
  result.predict = path;
  result.timeout = milliseconds{0};
  result.limits.slow_reader = milliseconds{0};
  return result;
}

[[noreturn]] void serve_streams(std::size_t readers, std::size_t blocking) {
  server_options options;
  options.port = 0;
  // What a reader costs, however long it takes.
  options.limits.stream_backlog_bytes = options.limits.stream_buffer_bytes;
  server served{options, no_log()};
  auto square = model_at("square", "/predict");
  square.execution = execution_mode::inlined;
  served.add(make_square(square, {}));
  auto steps = model_at("steps", "/steps");
  steps.queue.max_size = std::max<std::size_t>(readers, 1);
  served.add<endless_steps>(steps, std::max<std::size_t>(readers, 1));
  auto writes = model_at("writes", "/writes");
  writes.workers = std::max<std::size_t>(blocking, 1);
  served.add<endless_writes>(writes);
  serve(served);
}

// -- the readers --------------------------------------------------------------

/// Connections that take what they asked for slowly, from a thread of their
/// own. Their receive buffers are as small as the system allows, so that little
/// of what waits is the kernel's.
class slow_readers {
public:
  slow_readers(std::uint16_t port, const std::string& path, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
      sockets_.push_back(ask(port, path));
    for (auto fd : sockets_)
      if (take(fd) == 0)
        throw std::runtime_error(path + ": no answer");
    thread_ = std::thread{[this] { read_on(); }};
  }

  ~slow_readers() {
    stop_ = true;
    thread_.join();
    for (auto fd : sockets_)
      close(fd);
  }

  /// Whether somebody was cut off.
  [[nodiscard]] bool cut_off() const noexcept {
    return cut_off_;
  }

private:
  static int ask(std::uint16_t port, const std::string& path) {
    auto fd = socket(AF_INET, SOCK_STREAM, 0);
    // Before the connection is made: the window is offered then.
    auto size = static_cast<int>(4 * kib);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
      throw std::runtime_error("cannot connect");
    auto request = post_request(path, "{}");
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL)
        != static_cast<ssize_t>(request.size()))
      throw std::runtime_error("cannot send");
    return fd;
  }

  static ssize_t take(int fd, int flags = 0) {
    std::array<char, piece> buffer;
    return recv(fd, buffer.data(), buffer.size(), flags);
  }

  void read_on() {
    // Everybody in turn, evenly in time.
    auto share = std::chrono::duration<double>(
      static_cast<double>(piece) / pace / static_cast<double>(sockets_.size()));
    auto next = clock::now();
    for (std::size_t i = 0; !stop_; i = (i + 1) % sockets_.size()) {
      next += std::chrono::duration_cast<clock::duration>(share);
      std::this_thread::sleep_until(next);
      auto n = take(sockets_[i], MSG_DONTWAIT);
      if (n == 0 || (n < 0 && errno != EAGAIN))
        cut_off_ = true;
    }
  }

  std::vector<int> sockets_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> cut_off_ = false;
  std::thread thread_;
};

// -- measuring ----------------------------------------------------------------

/// What the kernel keeps for TCP sockets, of the whole machine.
std::size_t kernel_bytes() {
  std::ifstream in{"/proc/net/sockstat"};
  std::string word;
  while (in >> word)
    if (std::size_t pages = 0; word == "mem" && in >> pages)
      return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return 0;
}

measured predict(const child& server, milliseconds duration) {
  return measure(server, {"/predict", R"({"input": 4.0})"},
                 pressure::open(1000), duration);
}

/// Waits until the server takes no more memory: all readers are behind.
void wait_until_full(const child& server) {
  auto end = clock::now() + std::chrono::seconds{20};
  std::size_t before = 0;
  for (int same = 0; same < 5 && clock::now() < end;) {
    std::this_thread::sleep_for(milliseconds{100});
    auto now = server.resident_bytes() + kernel_bytes();
    // The readers go on reading.
    constexpr std::size_t noise = 256 * kib;
    same = now <= before + noise ? same + 1 : 0;
    before = std::max(now, before);
  }
}

struct figures {
  double memory = 0;
  double kernel = 0;
  double p99 = 0;
  double cpu = 0;
  loader_state loader;
};

figures run_round(const std::string& path, std::size_t readers,
                  const std::function<void()>& serve_it,
                  milliseconds duration) {
  child server{serve_it};
  auto n = static_cast<double>(readers);
  auto without = predict(server, duration);
  auto memory = server.resident_bytes();
  auto kernel = kernel_bytes();
  slow_readers all{server.port, path, readers};
  wait_until_full(server);
  figures result;
  auto grown = server.resident_bytes();
  result.memory = grown > memory ? static_cast<double>(grown - memory) / n : 0;
  auto now = kernel_bytes();
  result.kernel = now > kernel ? static_cast<double>(now - kernel) / n : 0;
  auto cpu = server.cpu_us();
  auto begin = clock::now();
  std::this_thread::sleep_for(duration);
  result.cpu =
    100 * (server.cpu_us() - cpu)
    / std::chrono::duration<double, std::micro>(clock::now() - begin).count();
  auto beside = predict(server, duration);
  result.p99 = beside.percentile_us(99) / without.percentile_us(99);
  result.loader = without.loader();
  result.loader.merge(beside.loader());
  if (all.cut_off())
    throw std::runtime_error(path + ": a reader was cut off");
  return result;
}

void compare(const std::string& name, const std::string& path,
             std::size_t readers, std::size_t overhead, int rounds,
             results& out, const std::function<void()>& serve_it,
             milliseconds duration) {
  series memory;
  series kernel;
  series p99;
  series cpu;
  auto credit = static_cast<double>(
    2 * server_options{}.limits.stream_buffer_bytes + overhead);
  for (auto i = 0; i < rounds; ++i) {
    auto x = run_round(path, readers, serve_it, duration);
    memory.rounds.push_back(x.memory / credit);
    kernel.rounds.push_back(x.kernel / kib);
    p99.add(x.p99, x.loader);
    cpu.rounds.push_back(x.cpu);
  }
  auto who = std::to_string(readers) + " slow readers, " + name + ": ";
  out.add_ratio(who + "memory of each / (2 * stream_buffer_bytes + "
                  + std::to_string(overhead / kib) + " KiB)",
                memory, r::at_most(1));
  out.add_rounds(who + "kernel's socket buffers of each", kernel, "KiB");
  out.add_rounds(who + "CPU of the server beside no other load", cpu,
                 "% of a core");
  out.add_ratio(who + "p99 of predict, 1,000 req/s / without", p99,
                r::at_most(2));
}

std::size_t count_of(int argc, char** argv, int i, std::size_t otherwise) {
  return argc > i ? static_cast<std::size_t>(std::atoi(argv[i])) : otherwise;
}

} // namespace

int main(int argc, char** argv) {
  results out{"slow_readers", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  milliseconds duration{
    static_cast<int>((argc > 2 ? std::atof(argv[2]) : 2.0) * 1000)};
  auto readers = count_of(argc, argv, 3, 1000);
  auto blocking = count_of(argc, argv, 4, 32);
  // Two descriptors for each reader, in two processes.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  auto serve_it = [=] { serve_streams(readers, blocking); };
  if (readers > 0)
    compare("continuous batching", "/steps", readers, reader_overhead, rounds,
            out, serve_it, duration);
  if (blocking > 0)
    compare("a worker each", "/writes", blocking,
            reader_overhead + worker_overhead, rounds, out, serve_it, duration);
  return 0;
}
