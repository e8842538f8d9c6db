#include "troupe/cli/bench/load/engine.hpp"
#include "troupe/cli/bench/load/load_thread.hpp"
#include "troupe/cli/bench/load/tls.hpp"
#include "troupe/tests/cli/bench/scripted_server.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <condition_variable>

using namespace std::chrono_literals;
using namespace troupe::load;

namespace {

using clock = std::chrono::steady_clock;
using step = scripted_server::step;

/// One window that holds all.
constexpr auto forever = 1h;
constexpr auto patience = 30s;

engine_options to(const scripted_server& server) {
  engine_options result;
  result.request.target = target::parse(server.url());
  return result;
}

/// Waits until the one window shows what the test waits for.
template <class Predicate>
window_stats wait_for(engine& load, Predicate done) {
  auto give_up = clock::now() + 30s;
  for (;;) {
    auto result = load.window(0);
    if (done(result) || clock::now() > give_up)
      return result;
    std::this_thread::sleep_for(1ms);
  }
}

/// Runs a closed loop until `enough` requests have ended.
window_stats run(const engine_options& options, std::uint64_t enough,
                 std::size_t connections = 1) {
  engine load{options, {0, connections}, clock::now(), forever};
  wait_for(load, [&](const auto& x) { return x.requests() >= enough; });
  load.finish(clock::now(), patience);
  return load.window(0);
}

std::uint64_t failures(const window_stats& x, failure kind) {
  return x.failures[static_cast<std::size_t>(kind)];
}

} // namespace

TEST(engine, keeps_one_connection_for_each_client_of_a_closed_loop) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto seen = run(to(server), 100, 4);
  EXPECT_GE(seen.statuses[200], 100U);
  EXPECT_EQ(seen.errors(), 0U);
  EXPECT_EQ(seen.latency.count(), seen.statuses[200]);
  EXPECT_EQ(seen.completed, seen.statuses[200]);
  EXPECT_EQ(seen.service_time.count(), 0U);
  EXPECT_EQ(server.connections(), 4);
}

TEST(engine, shares_the_connections_among_its_threads) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = to(server);
  options.threads = 2;
  EXPECT_EQ(run(options, 50, 3).errors(), 0U);
  EXPECT_EQ(server.connections(), 3);
}

TEST(engine, counts_statuses_and_keeps_errors_out_of_the_latency) {
  std::atomic<int> count = 0;
  scripted_server server{[&](const auto&) {
    return step{{answer("1", ++count % 2 == 0 ? 503 : 200)}};
  }};
  auto seen = run(to(server), 20);
  EXPECT_GT(seen.statuses[503], 0U);
  EXPECT_EQ(seen.latency.count(), seen.statuses[200]);
  EXPECT_EQ(seen.errors(), seen.statuses[503]);
}

TEST(engine, reads_answers_cut_anywhere) {
  scripted_server server{[](const auto&) {
    step result;
    for (auto c : answer("{\"a\": 1}"))
      result.parts.emplace_back(1, c);
    return result;
  }};
  auto seen = run(to(server), 5);
  EXPECT_EQ(seen.errors(), 0U);
}

TEST(engine, reads_an_interim_answer_before_the_answer) {
  scripted_server server{[](const auto&) {
    return step{{"HTTP/1.1 100 Continue\r\n\r\n" + answer("1")}};
  }};
  auto seen = run(to(server), 5);
  EXPECT_EQ(seen.errors(), 0U);
  EXPECT_EQ(seen.statuses.size(), 1U);
  EXPECT_EQ(server.connections(), 1);
}

TEST(engine, opens_a_new_connection_when_the_server_closes_after_an_answer) {
  scripted_server server{[](const auto&) {
    return step{{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
                 "1\r\n\r\n1"},
                true};
  }};
  auto seen = run(to(server), 5);
  EXPECT_EQ(seen.errors(), 0U);
  EXPECT_GE(server.connections(), 5);
}

TEST(engine, reads_a_body_that_ends_with_the_connection) {
  scripted_server server{[](const auto&) {
    return step{{"HTTP/1.1 200 OK\r\n\r\nsome text"}, true};
  }};
  EXPECT_EQ(run(to(server), 5).errors(), 0U);
}

TEST(engine, calls_an_answer_that_was_cut_off_closed) {
  scripted_server server{[](const auto&) {
    return step{{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"}, true};
  }};
  auto seen = run(to(server), 5);
  EXPECT_GE(failures(seen, failure::closed), 5U);
  EXPECT_EQ(seen.answers(), 0U);
}

TEST(engine, calls_an_aborted_stream_closed) {
  scripted_server server{[](const auto&) {
    return step{{"HTTP/1.1 200 OK\r\nContent-Type: "
                 "application/x-ndjson\r\nTransfer-Encoding: "
                 "chunked\r\n\r\n3\r\n{}\n\r\n"},
                true};
  }};
  auto seen = run(to(server), 5);
  EXPECT_GE(failures(seen, failure::closed), 5U);
  EXPECT_GE(seen.first_item.count(), 5U);
}

TEST(engine, calls_what_is_not_http_malformed) {
  scripted_server server{[](const auto&) { return step{{"SSH-2.0-x\r\n"}}; }};
  EXPECT_GE(failures(run(to(server), 3), failure::malformed), 3U);
}

TEST(engine, counts_the_items_of_a_stream) {
  scripted_server server{[](const auto&) {
    return step{{"HTTP/1.1 200 OK\r\nContent-Type: "
                 "text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
                 "9\r\ndata: 1\n\n\r\n", "9\r\ndata: 2\n\n\r\n",
                 "9\r\ndata: 3\n\n\r\n", "0\r\n\r\n"}};
  }};
  auto seen = run(to(server), 10);
  EXPECT_EQ(seen.errors(), 0U);
  EXPECT_EQ(seen.first_item.count(), seen.statuses[200]);
  EXPECT_EQ(seen.between_items.count(), 2 * seen.statuses[200]);
  EXPECT_EQ(seen.items, 3 * seen.statuses[200]);
}

TEST(engine, gives_up_at_the_timeout_and_goes_on) {
  std::atomic<int> count = 0;
  scripted_server server{
    [&](const auto&) { return ++count == 1 ? step{} : step{{answer("1")}}; }};
  auto options = to(server);
  options.timeout = 50ms;
  auto seen = run(options, 3);
  EXPECT_EQ(failures(seen, failure::timeout), 1U);
  EXPECT_GE(seen.error_latency.max(), 50ms);
  EXPECT_GE(seen.statuses[200], 2U);
}

TEST(engine, tells_what_it_could_not_connect_to) {
  engine_options options;
  {
    scripted_server gone{[](const auto&) { return step{}; }};
    options = to(gone);
  }
  EXPECT_GE(failures(run(options, 2), failure::connect), 2U);
}

TEST(engine, sends_whole_requests_that_do_not_fit_the_socket) {
  auto body = std::string(8UL << 20, 'x');
  std::atomic<bool> whole = true;
  scripted_server server{[&](const std::string& request) {
    whole =
      whole && request.size() > body.size()
      && request.compare(request.size() - body.size(), body.size(), body) == 0;
    return step{{answer("1")}};
  }};
  auto options = to(server);
  options.request.bodies = {body};
  EXPECT_EQ(run(options, 2).errors(), 0U);
  EXPECT_TRUE(whole);
}

TEST(engine, numbers_the_requests_of_all_threads_without_a_gap) {
  std::mutex mutex;
  std::vector<int> numbers;
  scripted_server server{[&](const std::string& request) {
    std::unique_lock guard{mutex};
    numbers.push_back(std::stoi(request.substr(request.rfind('\n') + 1)));
    return step{{answer("1")}};
  }};
  auto options = to(server);
  options.request.bodies = {"{{n}}"};
  options.request.templates = true;
  run(options, 20);
  std::unique_lock guard{mutex};
  for (std::size_t i = 0; i < numbers.size(); ++i)
    EXPECT_EQ(numbers[i], static_cast<int>(i));
}

TEST(engine, sends_an_open_loop_by_plan_and_opens_what_it_needs) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  engine load{to(server), {1000, 100}, clock::now(), forever};
  wait_for(load, [](const auto& x) { return x.requests() >= 100; });
  load.finish(clock::now(), patience);
  auto seen = load.window(0);
  EXPECT_EQ(seen.errors(), 0U);
  EXPECT_EQ(seen.service_time.count(), seen.latency.count());
  EXPECT_LE(server.connections(), 100);
}

TEST(load_thread, plans_from_the_origin_that_it_is_given) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = to(server);
  auto origin = clock::now() - 1s;
  load_thread load{options,
                   {0, 1, {20, 1}, origin, forever},
                   resolve(options.request.target),
                   nullptr};
  load.begin(origin);
  auto give_up = clock::now() + 30s;
  while (load.window(0).requests() < 20 && clock::now() < give_up)
    std::this_thread::sleep_for(1ms);
  load.finish(origin + 1s, patience).wait();
  auto seen = load.window(0);
  EXPECT_GE(seen.requests(), 20U);
  // The first of them was a second late already.
  EXPECT_GE(seen.latency.max(), 1s);
}

TEST(engine, counts_a_stall_for_every_request_that_was_planned_in_it) {
  // The server holds its answers back; the one connection makes all others
  // wait, and each counts from its own planned time.
  std::mutex mutex;
  std::condition_variable changed;
  auto stalled = true;
  scripted_server server{[&](const auto&) {
    std::unique_lock guard{mutex};
    changed.wait(guard, [&] { return !stalled; });
    return step{{answer("1")}};
  }};
  engine load{to(server), {1000, 1}, clock::now(), forever};
  wait_for(load, [](const auto& x) { return x.queued >= 200; });
  {
    std::unique_lock guard{mutex};
    stalled = false;
  }
  changed.notify_all();
  load.finish(clock::now(), patience);
  auto seen = load.window(0);
  EXPECT_EQ(seen.errors(), 0U);
  // 200 were planned 1 ms apart: half of them waited for 100 ms and more.
  EXPECT_GE(seen.latency.count(), 200U);
  EXPECT_GE(seen.latency.max(), 195ms);
  EXPECT_LT(seen.service_time.percentile(50), seen.latency.percentile(50));
  EXPECT_EQ(server.connections(), 1);
}

TEST(engine, counts_what_has_no_answer_at_the_end_as_unfinished) {
  scripted_server server{[](const auto&) { return step{}; }};
  engine load{to(server), {1000, 2}, clock::now(), forever};
  wait_for(load, [](const auto& x) { return x.queued >= 10; });
  load.finish(clock::now(), 1ms);
  auto seen = load.window(0);
  EXPECT_GE(failures(seen, failure::unfinished), 12U);
  EXPECT_EQ(seen.latency.count(), 0U);
  EXPECT_EQ(seen.error_latency.count(), failures(seen, failure::unfinished));
}

TEST(engine, asks_for_the_host_of_a_tls_server_and_checks_it) {
  self_signed own;
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }, &own};
  auto options = to(server);
  EXPECT_GE(failures(run(options, 2), failure::connect), 2U);
  options.insecure = true;
  EXPECT_EQ(run(options, 10, 2).errors(), 0U);
  options.insecure = false;
  troupe::temp_dir dir;
  options.ca_file = dir.write("ca.pem", own.certificate);
  EXPECT_EQ(run(options, 10).errors(), 0U);
}

TEST(engine, sends_large_bodies_by_tls) {
  self_signed own;
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }, &own};
  auto options = to(server);
  options.insecure = true;
  std::string body(4UL << 20, 'x');
  options.request.bodies.push_back(body.append("{{n}}"));
  options.request.templates = true;
  EXPECT_EQ(run(options, 3).errors(), 0U);
}

TEST(engine, refuses_certificates_that_it_cannot_read) {
  scripted_server server{[](const auto&) { return step{{answer("1")}}; }};
  auto options = to(server);
  options.request.target.tls = true;
  options.ca_file = "/nowhere/at/all.pem";
  EXPECT_THROW((engine{options, {0, 1}, clock::now(), forever}),
               std::runtime_error);
}

TEST(engine, can_be_dropped_while_requests_are_under_way) {
  scripted_server server{[](const auto&) { return step{}; }};
  engine load{to(server), {0, 8}, clock::now(), forever};
}
