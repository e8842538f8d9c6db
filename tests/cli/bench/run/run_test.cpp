#include "troupe/cli/bench/run/run.hpp"
#include "troupe/tests/cli/bench/scripted_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <set>

using namespace std::chrono_literals;
using namespace troupe::load;

namespace {

using step = scripted_server::step;

/// Short windows on one connection.
run_options running(const scripted_server& server) {
  run_options result;
  result.engine.request.target = target::parse(server.url());
  result.warmup = 0ms;
  result.window = 10ms;
  return result;
}

/// From 50 to 100 requests/s, one window of 100 ms for each.
run_options searching(const scripted_server& server, const char* bound) {
  auto result = running(server);
  result.open_loop = true;
  result.levels = {50, 100};
  result.duration = result.window = 100ms;
  result.bound = latency_bound::parse(bound);
  return result;
}

/// What was planned was answered, each within 1 ms.
level_result answered(std::uint64_t count) {
  level_result result;
  result.seconds = 1;
  result.level.rate = static_cast<double>(count);
  result.stats.latency.record(1ms, count);
  result.stats.statuses[200] = count;
  result.stats.completed = count;
  return result;
}

bool holds(const level_result& level, const char* bound) {
  return troupe::load::holds(level, latency_bound::parse(bound));
}

} // namespace

TEST(holds, looks_at_the_percentile_of_the_bound) {
  auto level = answered(99);
  level.stats.latency.record(5ms);
  EXPECT_TRUE(holds(level, "p99<2ms"));
  EXPECT_FALSE(holds(level, "p99.9<2ms"));
  EXPECT_FALSE(holds(level, "p50<500us"));
}

TEST(holds, takes_each_error_as_above_the_limit) {
  auto level = answered(9999);
  level.stats.fail(failure::timeout);
  EXPECT_TRUE(holds(level, "p99.9<10ms"));
  EXPECT_TRUE(holds(level, "p99.99<10ms"));
  level.stats.fail(failure::timeout);
  EXPECT_FALSE(holds(level, "p99.99<10ms"));
  // However fast it was.
  level = answered(9998);
  level.stats.statuses[503] = 2;
  level.stats.error_latency.record(1us, 2);
  EXPECT_FALSE(holds(level, "p99.99<10ms"));
}

TEST(holds, allows_one_error_in_a_thousand_requests) {
  auto level = answered(999);
  level.stats.statuses[500] = 1;
  EXPECT_TRUE(holds(level, "p50<10ms"));
  level.stats.statuses[500] = 2;
  EXPECT_FALSE(holds(level, "p50<10ms"));
}

TEST(holds, allows_the_answers_to_be_a_little_behind_the_plan) {
  auto level = answered(1000);
  level.level.rate = 1052;
  EXPECT_TRUE(holds(level, "p99<10ms"));
  level.level.rate = 1054;
  EXPECT_FALSE(holds(level, "p99<10ms"));
  level = answered(10);
  level.level.rate = 30;
  EXPECT_TRUE(holds(level, "p99<10ms"));
  level.level.rate = 31;
  EXPECT_FALSE(holds(level, "p99<10ms"));
}

TEST(holds, needs_a_request) {
  EXPECT_FALSE(holds(level_result{}, "p99<10ms"));
}

TEST(run, measures_for_a_duration_in_windows_of_their_real_length) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = running(server);
  options.window = 20ms;
  options.duration = 50ms;
  auto x = run(options, {}).levels.at(0);
  EXPECT_EQ(x.windows.size(), 3U);
  EXPECT_EQ(x.measured, 3U);
  EXPECT_EQ(x.window, 50'000'000ns / 3);
  EXPECT_NEAR(x.seconds, 0.05, 1e-6);
  EXPECT_NEAR(x.rate() * 0.05, static_cast<double>(x.stats.completed), 0.01);
  EXPECT_EQ(x.stable, std::nullopt);
}

TEST(run, has_the_answers_of_each_whole_second) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = running(server);
  // Three windows of a third are a nanosecond short of one second.
  options.window = 333ms;
  options.duration = 1s;
  auto x = run(options, {}).levels.at(0);
  EXPECT_EQ(x.windows.size(), 3U);
  ASSERT_EQ(x.each_second.size(), 1U);
  EXPECT_NEAR(static_cast<double>(x.each_second[0]),
              static_cast<double>(x.stats.completed), 2);
  options.duration = 500ms;
  EXPECT_TRUE(run(options, {}).levels.at(0).each_second.empty());
}

TEST(run, judges_a_level_by_three_windows_or_not_at_all) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = running(server);
  options.max_windows = 2;
  EXPECT_EQ(run(options, {}).levels.at(0).stable, std::nullopt);
  options.max_windows = 1000;
  options.stability.tolerance = 1e9;
  auto x = run(options, {}).levels.at(0);
  EXPECT_EQ(x.stable, true);
  EXPECT_EQ(x.measured, 3U);
  options.max_windows = 3;
  options.stability.tolerance = -1;
  EXPECT_EQ(run(options, {}).levels.at(0).stable, false);
}

TEST(run, gives_no_number_and_no_random_value_twice) {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> seen;
  scripted_server server{[&](const std::string& request) {
    std::unique_lock guard{mutex};
    auto space = request.find(' ') + 1;
    seen.push_back(request.substr(space, request.find(' ', space) - space));
    changed.notify_all();
    return step{{answer("1")}};
  }};
  auto options = running(server);
  options.engine.request.target.path = "/{{n}}/{{uuid}}";
  options.engine.request.templates = true;
  options.engine.request.first_number = 7;
  options.engine.threads = 2;
  options.levels = {1, 3, 2};
  options.max_windows = 1;
  // However short the windows are, each connection has asked before them.
  std::size_t expected = 0;
  run_observer observer;
  observer.on_level = [&](const load_level& x) {
    std::unique_lock guard{mutex};
    expected = seen.size() + x.connections;
  };
  observer.interrupted = [&] {
    std::unique_lock guard{mutex};
    changed.wait(guard, [&] { return seen.size() >= expected; });
    return false;
  };
  run(options, observer);
  std::set<std::string> numbers;
  std::set<std::string> values;
  std::unique_lock guard{mutex};
  for (const auto& x : seen) {
    numbers.insert(x.substr(1, x.find('/', 1) - 1));
    values.insert(x.substr(x.find('/', 1) + 1));
  }
  EXPECT_GT(seen.size(), 3U);
  EXPECT_EQ(numbers.size(), seen.size());
  EXPECT_EQ(values.size(), seen.size());
  EXPECT_EQ(numbers.count("7"), 1U);
  EXPECT_EQ(numbers.count("6"), 0U);
}

TEST(run, measures_a_level_after_the_other) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = running(server);
  options.levels = {1, 3};
  // Until windows had answers, whatever they agree on.
  options.max_windows = 1000;
  options.stability.tolerance = 1e9;
  std::vector<std::size_t> seen;
  run_observer observer;
  observer.on_level = [&](const load_level& x) {
    seen.push_back(x.connections);
  };
  auto x = run(options, observer);
  EXPECT_EQ(seen, (std::vector<std::size_t>{1, 3}));
  ASSERT_EQ(x.levels.size(), 2U);
  EXPECT_EQ(x.levels[1].level.connections, 3U);
  EXPECT_GT(x.levels[1].rate(), 0);
  EXPECT_FALSE(x.interrupted);
}

TEST(run, tells_nothing_of_a_level_that_was_interrupted_in_its_warm_up) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = running(server);
  options.warmup = 1h;
  run_observer observer;
  observer.interrupted = [] { return true; };
  auto x = run(options, observer);
  EXPECT_TRUE(x.interrupted);
  EXPECT_TRUE(x.levels.empty());
}

TEST(run, ends_with_what_it_has_when_it_is_interrupted) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = running(server);
  options.levels = {1, 2};
  options.max_windows = 1000;
  options.stability.tolerance = -1;
  auto windows = 0U;
  auto enough = false;
  run_observer observer;
  observer.on_window = [&](const auto&, const window_summary& x) {
    enough = ++windows >= 5 && x.rate > 0;
  };
  observer.interrupted = [&] { return enough; };
  auto x = run(options, observer);
  EXPECT_TRUE(x.interrupted);
  ASSERT_EQ(x.levels.size(), 1U);
  EXPECT_EQ(x.levels[0].windows.size(), windows);
  EXPECT_EQ(x.levels[0].measured, 3U);
  EXPECT_GT(x.levels[0].stats.requests(), 0U);
}

TEST(search, ends_at_the_highest_rate_when_the_bound_holds) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto x = run(searching(server, "p50<1h"), {});
  EXPECT_EQ(x.best_rate, 100);
  EXPECT_TRUE(x.bound_held_at_the_highest);
  EXPECT_EQ(x.levels.size(), 2U);
}

TEST(search, finds_a_bound_broken_by_latency) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto x = run(searching(server, "p50<0.001us"), {});
  EXPECT_EQ(x.best_rate, std::nullopt);
  ASSERT_EQ(x.levels.size(), 1U);
  EXPECT_FALSE(x.levels[0].within_bound);
  EXPECT_EQ(x.levels[0].stats.errors(), 0U);
}

TEST(search, finds_a_bound_broken_by_errors) {
  std::atomic<int> count = 0;
  scripted_server server{[&](const auto&) {
    return step{{answer("1", count++ % 4 == 0 ? 503 : 200)}};
  }};
  auto x = run(searching(server, "p50<1h"), {});
  EXPECT_EQ(x.best_rate, std::nullopt);
  EXPECT_GT(x.levels.at(0).stats.errors(), 0U);
}

TEST(search, finds_a_bound_broken_by_falling_behind_the_plan) {
  // No answer comes within the window, and all come after it.
  std::mutex mutex;
  std::condition_variable changed;
  auto stalled = true;
  scripted_server server{[&](const auto&) {
    std::unique_lock guard{mutex};
    changed.wait(guard, [&] { return !stalled; });
    return step{{answer("1")}};
  }};
  auto options = searching(server, "p99<1h");
  options.levels = {500, 500};
  options.max_connections = 1;
  run_observer observer;
  observer.on_window = [&](const auto&, const auto&) {
    std::unique_lock guard{mutex};
    stalled = false;
    changed.notify_all();
  };
  auto x = run(options, observer).levels.at(0);
  EXPECT_EQ(x.stats.errors(), 0U);
  EXPECT_EQ(x.stats.completed, 0U);
  EXPECT_GT(x.stats.latency.count(), 20U);
  EXPECT_FALSE(x.within_bound);
}
