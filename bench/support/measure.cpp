#include "troupe/bench/support/measure.hpp"

#include <algorithm>
#include <stdexcept>
#include <sys/resource.h>
#include <thread>
#include <utility>

namespace troupe::bench {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// For answers that are under way at the end.
constexpr std::chrono::seconds patience{5};

/// How often a turn without answers is repeated, at most.
constexpr int empty_turns = 8;

load::engine_options options_of(const child& server, const call& what) {
  load::engine_options result;
  auto& request = result.request;
  request.target =
    load::target::parse("127.0.0.1:" + std::to_string(server.port) + what.path);
  if (what.body.empty())
    request.method = "GET";
  else
    request.bodies = {what.body};
  request.content_type = what.type;
  request.headers = {{"Accept", "application/x-ndjson, */*"}};
  return result;
}

/// @throws std::runtime_error on any answer but 200
measured checked(const load::window_stats& x, const std::string& path) {
  for (auto [status, count] : x.statuses)
    if (status != 200)
      throw std::runtime_error(path + ": " + std::to_string(count)
                               + " answers with status "
                               + std::to_string(status));
  if (x.errors() > 0)
    throw std::runtime_error(path + ": " + std::to_string(x.errors())
                             + " requests without an answer");
  measured result;
  result.latency = x.latency;
  result.answers = x.completed;
  result.items = x.items;
  result.requests = x.requests();
  result.late = x.late + x.queued;
  return result;
}

double own_cpu_us() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  auto us = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_usec);
  };
  return us(use.ru_utime) + us(use.ru_stime);
}

measured one_turn(const child& server, const call& what, const pressure& how,
                  milliseconds duration) {
  auto start = clock::now() + duration / 4;
  auto end = start + duration;
  load::engine engine{
    options_of(server, what), {how.rate, how.connections}, start, duration};
  std::this_thread::sleep_until(start);
  auto begin = clock::now();
  auto cpu = server.cpu_us();
  auto own = own_cpu_us();
  std::this_thread::sleep_until(end);
  cpu = server.cpu_us() - cpu;
  own = own_cpu_us() - own;
  // Sleeping takes a bit longer on a busy machine, at both ends.
  std::chrono::duration<double> took = clock::now() - begin;
  std::chrono::duration<double> planned = duration;
  engine.finish(end, patience);
  auto result = checked(engine.window(0), what.path);
  result.seconds = planned.count();
  result.cpu_us = cpu * planned.count() / took.count();
  result.loader_cpu = own / 1e6 / took.count();
  return result;
}

} // namespace

void measured::merge(const measured& other) {
  latency.merge(other.latency);
  answers += other.answers;
  items += other.items;
  seconds += other.seconds;
  cpu_us += other.cpu_us;
  requests += other.requests;
  late += other.late;
  loader_cpu = std::max(loader_cpu, other.loader_cpu);
}

measured measure(const child& server, const call& what, const pressure& how,
                 milliseconds duration) {
  auto result = one_turn(server, what, how, duration);
  for (auto i = 0; i < empty_turns && result.answers == 0; ++i) {
    duration *= 2;
    result = one_turn(server, what, how, duration);
  }
  if (result.answers == 0)
    throw std::runtime_error(what.path + ": no answer");
  if (result.late_share() > loader_state::most_late) {
    auto again = one_turn(server, what, how, duration);
    if (again.answers > 0 && again.late_share() < result.late_share())
      result = std::move(again);
  }
  return result;
}

std::vector<measured>
in_turns(const std::vector<std::function<measured()>>& all, int turns) {
  std::vector<measured> result(all.size());
  for (auto i = 0; i < turns; ++i)
    for (std::size_t k = 0; k < all.size(); ++k) {
      auto which = (static_cast<std::size_t>(i) + k) % all.size();
      result[which].merge(all[which]());
    }
  return result;
}

traffic::traffic(const child& server, const call& what, const pressure& how)
  : path_(what.path),
    engine_(options_of(server, what), {how.rate, how.connections}, clock::now(),
            std::chrono::hours{1}) {
  // nop
}

measured traffic::seen() {
  auto end = clock::now() + patience;
  for (;;) {
    auto result = checked(engine_.window(0), path_);
    if (result.answers > 0)
      return result;
    if (clock::now() > end)
      throw std::runtime_error(path_ + ": no answer");
    std::this_thread::sleep_for(milliseconds{1});
  }
}

} // namespace troupe::bench
