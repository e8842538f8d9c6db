// What a worker costs by its kind: p50 and CPU time of all processes for each
// request of `square`, at one connection and at 16, by a thread, by a process
// of the program, by one of a Python interpreter, and by a node that has joined
// over the loopback, against a bare Beast server that does the same work. The
// servers are `troupe serve`; they take
// short turns within each round; medians of the rounds' ratios.
//
// usage: worker_kinds [rounds] [seconds] [--json FILE]

#include "troupe/bench/support/beast_server.hpp"
#include "troupe/bench/support/child.hpp"
#include "troupe/bench/support/load.hpp"
#include "troupe/bench/support/results.hpp"
#include "troupe/tests/integration/serving/children.hpp"
#include "troupe/tests/support/config_file.hpp"
#include "troupe/tests/support/free_port.hpp"
#include "troupe/tests/support/http_client.hpp"
#include "troupe/tests/support/program.hpp"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace troupe::bench;
using std::chrono::milliseconds;
using r = results;

/// `troupe serve` with one model, and its workers.
class served_model {
public:
  explicit served_model(const std::string& entry,
                        const std::string& cluster = {})
    : served_model(entry, cluster, true) {
    // nop
  }

  [[nodiscard]] bool ready() const {
    return troupe::http_client{port}.get("/readyz").status == 200;
  }

protected:
  served_model(const std::string& entry, const std::string& cluster, bool wait)
    : config_(R"({"server":{"host":"127.0.0.1","port":0},)" + cluster
              + R"("models":[{"name":"square","predict":"/predict",)" + entry
              + "}]}"),
      program_({TROUPE_PROGRAM, "serve", config_.path()}) {
    port = program_.wait_for_port();
    if (port == 0 || (wait && !troupe::eventually([this] { return ready(); })))
      throw std::runtime_error("troupe serve: " + program_.err());
    workers_ = troupe::children_of(program_.pid());
  }

public:
  [[nodiscard]] double cpu_us() const {
    auto result = cpu_us_of(program_.pid());
    for (auto x : workers_)
      result += cpu_us_of(x);
    return result;
  }

  std::uint16_t port = 0;

private:
  troupe::temp_config config_;
  troupe::running_program program_;
  std::vector<pid_t> workers_;
};

/// A front, and a node that has the model.
class model_on_node : public served_model {
public:
  model_on_node() : model_on_node(troupe::free_port()) {
    // nop
  }

  [[nodiscard]] double cpu_us() const {
    return served_model::cpu_us() + cpu_us_of(node_.pid());
  }

private:
  explicit model_on_node(std::uint16_t cluster)
    : served_model(R"("type":"node")",
                   R"("cluster":{"listen":"127.0.0.1:)"
                     + std::to_string(cluster) + R"("},)",
                   false),
      node_config_(R"({"models":[{"name":"square","type":"square"}]})"),
      node_({TROUPE_PROGRAM, "node", node_config_.path(), "--join",
             "127.0.0.1:" + std::to_string(cluster)}) {
    if (!troupe::eventually([this] { return ready(); }))
      throw std::runtime_error("troupe node: " + node_.err());
  }

  troupe::temp_config node_config_;
  troupe::running_program node_;
};

struct figures {
  turns_taken one;
  turns_taken many;

  template <class Server>
  void turn(const Server& server, milliseconds duration) {
    one.turn(server, 1, duration);
    many.turn(server, 16, duration);
  }
};

enum who : std::size_t { beast, thread, process, python, node, end };

constexpr std::array<const char*, end> names{"bare Beast", "thread", "process",
                                             "Python", "node"};

using round_figures = std::array<figures, end>;

round_figures run_round(milliseconds duration) {
  const child bare{[] { run_beast_server(); }};
  const served_model by_thread{R"("type":"square")"};
  const served_model by_process{R"("type":"square","execution":"process")"};
  const served_model by_python{
    std::string{R"("type":"python","class":"Square","path":")"}
    + TROUPE_SOURCE_DIR + R"(/tests/integration/python/kinds.py")"};
  const model_on_node by_node;
  auto turn = [&](figures& out, std::size_t which, milliseconds time) {
    if (which == node)
      out.turn(by_node, time);
    else if (which == beast)
      out.turn(bare, time);
    else if (which == thread)
      out.turn(by_thread, time);
    else
      out.turn(which == process ? by_process : by_python, time);
  };
  constexpr auto turns = 4;
  round_figures result;
  for (std::size_t k = 0; k < end; ++k) {
    figures warm_up;
    turn(warm_up, k, duration / turns);
  }
  for (std::size_t i = 0; i < turns; ++i)
    for (std::size_t k = 0; k < end; ++k)
      turn(result[(i + k) % end], (i + k) % end, duration / turns);
  return result;
}

} // namespace

int main(int argc, char** argv) {
  results out{"worker_kinds", argc, argv};
  auto rounds = argc > 1 ? std::atoi(argv[1]) : 5;
  milliseconds duration{
    static_cast<int>((argc > 2 ? std::atof(argv[2]) : 2.0) * 1000)};
  std::vector<round_figures> all;
  for (int i = 0; i < rounds; ++i)
    all.push_back(run_round(duration));
  auto cpu = [](const figures& x) { return x.one.cpu_us_per_answer(); };
  auto cpu_many = [](const figures& x) { return x.many.cpu_us_per_answer(); };
  auto p50 = [](const figures& x) { return x.one.load.percentile(50); };
  auto add = [&](const std::string& name, const char* unit, auto f,
                 std::optional<r::target> goal = {}) {
    series xs;
    for (const auto& x : all)
      xs.rounds.push_back(f(x));
    out.add_rounds(name, xs, unit, goal);
  };
  for (std::size_t k = 0; k < end; ++k) {
    const std::string name{names[k]};
    add(name + ": CPU per request at one connection", "us",
        [&](const auto& x) { return cpu(x[k]); });
    add(name + ": CPU per request at 16 connections", "us",
        [&](const auto& x) { return cpu_many(x[k]); });
    add(name + ": p50 at one connection", "us",
        [&](const auto& x) { return p50(x[k]); });
  }
  add(
    "process - thread: p50 at one connection", "us",
    [&](const auto& x) { return p50(x[process]) - p50(x[thread]); },
    r::at_most(40));
  add(
    "node - thread: p50 at one connection", "us",
    [&](const auto& x) { return p50(x[node]) - p50(x[thread]); },
    r::at_most(150));
  add("node / Beast: CPU per request at one connection", "",
      [&](const auto& x) { return cpu(x[node]) / cpu(x[beast]); });
  add("process / Beast: CPU per request at one connection", "",
      [&](const auto& x) { return cpu(x[process]) / cpu(x[beast]); });
  add(
    "Python / Beast: CPU per request at one connection", "",
    [&](const auto& x) { return cpu(x[python]) / cpu(x[beast]); },
    r::at_most(5));
  add(
    "Python / Beast: CPU per request at 16 connections", "",
    [&](const auto& x) { return cpu_many(x[python]) / cpu_many(x[beast]); },
    r::at_most(5));
  return 0;
}
