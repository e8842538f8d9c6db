#include "troupe/cli/bench/run/run.hpp"

#include "troupe/cli/bench/measure/rate_search.hpp"

#include <algorithm>
#include <cmath>
#include <sys/resource.h>
#include <thread>

namespace troupe::load {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

/// For answers that are under way when a level has been measured.
constexpr nanoseconds patience = std::chrono::seconds{5};

/// A bound does not hold when more requests than this share fail, or when the
/// answers stay this share behind the plan, unless that is only a few.
constexpr double errors_allowed = 0.001;
constexpr double behind_allowed = 0.05;
constexpr double few_requests = 20;

double seconds(nanoseconds x) {
  return std::chrono::duration<double>(x).count();
}

/// How many seconds the windows have together: the last one may be a part of
/// one, and answers may come after it. Windows of a duration are rounded.
std::size_t whole_seconds(nanoseconds window, std::size_t count) {
  constexpr nanoseconds rounding = std::chrono::milliseconds{1};
  auto all = window * static_cast<std::int64_t>(count) + rounding;
  return static_cast<std::size_t>(all / std::chrono::seconds{1});
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto all = [](const timeval& x) {
    return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_usec) / 1e6;
  };
  return all(usage.ru_utime) + all(usage.ru_stime);
}

class level_run {
public:
  /// @param number of the first request, then of the one after the last.
  level_run(const run_options& options, const load_level& level,
            const run_observer& observer, std::uint64_t& number)
    : number_(&number),
      options_(&options),
      observer_(&observer),
      until_stable_(options.duration == nanoseconds::zero()),
      window_(options.window),
      most_(options.max_windows) {
    result_.level = level;
    if (!until_stable_) {
      // Whole windows, of about the length that was asked for.
      most_ = std::max<std::size_t>(
        1, static_cast<std::size_t>(
             std::lround(seconds(options.duration) / seconds(window_))));
      window_ = options.duration / static_cast<std::int64_t>(most_);
    }
    result_.window = window_;
  }

  level_result operator()() {
    auto start = clock::now() + options_->warmup;
    auto settings = options_->engine;
    settings.request.first_number = *number_;
    engine load{settings, result_.level, start, window_};
    if (!wait_until(start))
      return std::move(result_);
    auto cpu = cpu_seconds();
    while (result_.windows.size() < most_) {
      auto index = result_.windows.size();
      if (!wait_until(end_of(start, index)))
        break;
      note(load.window(index));
      judge();
      if (result_.stable.value_or(false))
        break;
    }
    auto count = result_.windows.size();
    if (count == 0)
      return std::move(result_);
    result_.loader_cpu =
      (cpu_seconds() - cpu) / (seconds(window_) * static_cast<double>(count));
    load.finish(end_of(start, count - 1),
                std::min(options_->engine.timeout, patience));
    result_.measured = count;
    if (until_stable_)
      result_.measured = std::min(count, options_->stability.windows);
    *number_ = load.next_number();
    result_.each_second = load.each_second();
    result_.each_second.resize(whole_seconds(window_, count));
    for (auto i = count - result_.measured; i < count; ++i)
      result_.stats.merge(load.window(i));
    result_.seconds = seconds(window_) * static_cast<double>(result_.measured);
    return std::move(result_);
  }

private:
  clock::time_point end_of(clock::time_point start, std::size_t index) const {
    return start + window_ * static_cast<std::int64_t>(index + 1);
  }

  void note(const window_stats& x) {
    window_summary summary{
      static_cast<double>(x.completed) / seconds(window_),
      x.latency_with_slow_errors().percentile(options_->stability_percentile),
      x.errors()};
    result_.windows.push_back(summary);
    observer_->on_window(result_.level, summary);
  }

  void judge() {
    const auto& rule = options_->stability;
    if (until_stable_ && result_.windows.size() >= rule.windows)
      result_.stable = rule.stable(result_.windows);
  }

  bool wait_until(clock::time_point t) {
    constexpr auto step = std::chrono::milliseconds{50};
    for (auto now = clock::now(); now < t; now = clock::now()) {
      if (observer_->interrupted())
        return false;
      std::this_thread::sleep_until(std::min(t, now + step));
    }
    return !observer_->interrupted();
  }

  std::uint64_t* number_;
  const run_options* options_;
  const run_observer* observer_;
  bool until_stable_;
  nanoseconds window_;
  std::size_t most_;
  level_result result_;
};

} // namespace

bool holds(const level_result& level, const latency_bound& bound) {
  const auto& stats = level.stats;
  auto requests = static_cast<double>(stats.requests());
  auto planned = level.level.rate * level.seconds;
  auto all = stats.latency;
  all.record(histogram::longest, stats.errors());
  return requests > 0
         && static_cast<double>(stats.errors()) <= errors_allowed * requests
         && planned - static_cast<double>(stats.completed)
              <= std::max(behind_allowed * planned, few_requests)
         && all.percentile(bound.percentile) <= bound.limit;
}

run_result run(const run_options& options, const run_observer& observer) {
  run_result result;
  auto number = options.engine.request.first_number;
  auto measure = [&](const load_level& level) {
    observer.on_level(level);
    auto x = level_run{options, level, observer, number}();
    result.interrupted = observer.interrupted();
    // Cut off in its warm-up: there is nothing to tell.
    if (x.measured == 0)
      return false;
    x.within_bound = !options.bound || holds(x, *options.bound);
    result.levels.push_back(std::move(x));
    return !result.interrupted;
  };
  if (options.bound) {
    rate_search search{options.levels.front(), options.levels.back()};
    for (auto rate = search.next(); rate; rate = search.next()) {
      if (!measure({*rate, options.max_connections}))
        break;
      search.report(result.levels.back().within_bound);
    }
    result.best_rate = search.best();
    result.bound_held_at_the_highest = search.unbounded();
    return result;
  }
  for (auto x : options.levels) {
    auto level = options.open_loop ? load_level{x, options.max_connections}
                                   : load_level{0, static_cast<std::size_t>(x)};
    if (!measure(level))
      break;
  }
  return result;
}

} // namespace troupe::load
