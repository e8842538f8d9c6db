// What a request costs beyond Beast and the model: CPU time for each request,
// p50 at one connection and peak rate of `square`, inline and dedicated,
// against a bare Beast server that does the same work. Each server is a
// process of its own, all run in turn, several rounds, medians of ratios.
//
// usage: overhead [rounds] [seconds]

#include "troupe/bench/beast_server.hpp"
#include "troupe/bench/load.hpp"
#include "troupe/bench/troupe_server.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace troupe::bench;

/// A server in a process of its own.
class child {
public:
  explicit child(const std::function<void()>& serve) {
    std::array<int, 2> out{};
    std::array<int, 2> in{};
    if (pipe(out.data()) != 0 || pipe(in.data()) != 0)
      throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      dup2(out[1], STDOUT_FILENO);
      dup2(in[0], STDIN_FILENO);
      close(in[1]);
      serve();
    }
    close(out[1]);
    close(in[0]);
    stdin_ = in[1];
    auto* lines = fdopen(out[0], "r");
    auto value = 0;
    if (std::fscanf(lines, "port %d", &value) != 1)
      throw std::runtime_error("the server did not start");
    port = static_cast<std::uint16_t>(value);
    std::fclose(lines);
  }

  child(const child&) = delete;
  child& operator=(const child&) = delete;

  ~child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    close(stdin_);
  }

  /// CPU time so far, all threads, in microseconds.
  [[nodiscard]] double cpu_us() const {
    clockid_t id{};
    timespec t{};
    clock_getcpuclockid(pid_, &id);
    clock_gettime(id, &t);
    return static_cast<double>(t.tv_sec) * 1e6
           + static_cast<double>(t.tv_nsec) / 1e3;
  }

  std::uint16_t port = 0;

private:
  pid_t pid_ = -1;
  int stdin_ = -1;
};

struct figures {
  double cpu_us = 0;
  double p50_us = 0;
  double p99_us = 0;
  double peak = 0;
};

figures measure(const std::function<void()>& serve,
                std::chrono::milliseconds duration) {
  child server{serve};
  auto request = post_request("/predict", "{\"input\": 4.0}");
  closed_loop(server.port, request, 1, duration / 4);
  auto before = server.cpu_us();
  auto single = closed_loop(server.port, request, 1, duration);
  figures result;
  result.cpu_us =
    (server.cpu_us() - before) / static_cast<double>(single.requests);
  result.p50_us = single.percentile(50);
  result.p99_us = single.percentile(99);
  auto many = closed_loop(server.port, request, 64, duration);
  result.peak = many.rate();
  if (single.errors + many.errors > 0)
    throw std::runtime_error("answers other than 200");
  return result;
}

double median(std::vector<double> xs) {
  std::sort(xs.begin(), xs.end());
  return xs[xs.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  std::chrono::milliseconds duration{
    static_cast<int>((argc > 2 ? std::atof(argv[2]) : 2.0) * 1000)};
  const std::vector<std::pair<std::string, std::function<void()>>> servers{
    {"bare Beast", [] { run_beast_server(); }},
    {"troupe inline",
     [] { run_troupe_server(troupe::execution_mode::inlined); }},
    {"troupe dedicated",
     [] { run_troupe_server(troupe::execution_mode::dedicated); }},
  };
  std::map<std::string, std::vector<figures>> all;
  for (int i = 0; i < rounds; ++i)
    for (const auto& [name, serve] : servers)
      all[name].push_back(measure(serve, duration));
  std::printf("%-18s %10s %8s %8s %10s   ratios to bare Beast (median of %d)\n",
              "square", "CPU us/req", "p50 us", "p99 us", "peak req/s", rounds);
  const auto& base = all["bare Beast"];
  for (const auto& [name, serve] : servers) {
    auto of = [&](double figures::*x) {
      std::vector<double> xs;
      for (const auto& f : all[name])
        xs.push_back(f.*x);
      return median(xs);
    };
    auto ratio = [&](double figures::*x) {
      std::vector<double> xs;
      for (std::size_t i = 0; i < base.size(); ++i)
        xs.push_back(all[name][i].*x / (base[i].*x));
      return median(xs);
    };
    std::printf("%-18s %10.1f %8.1f %8.1f %10.0f   CPU %.2f  p50 %.2f  peak "
                "%.2f\n",
                name.c_str(), of(&figures::cpu_us), of(&figures::p50_us),
                of(&figures::p99_us), of(&figures::peak),
                ratio(&figures::cpu_us), ratio(&figures::p50_us),
                ratio(&figures::peak));
  }
  return 0;
}
