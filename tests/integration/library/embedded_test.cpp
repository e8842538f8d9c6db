#include "troupe/tests/integration/library.hpp"

#include <csignal>
#include <dirent.h>
#include <malloc.h>

namespace troupe {

namespace {

/// bench/ does a thousand.
constexpr int cycles = 200;

/// Until everything that is made once has been made.
constexpr int warm_up = 20;

/// Bytes in use may wobble by what caches hold, not by what a cycle leaves.
constexpr std::ptrdiff_t allowed_per_cycle = 1'024;

std::size_t entries(const char* folder) {
  std::size_t result = 0;
  auto* dir = ::opendir(folder);
  while (::readdir(dir) != nullptr)
    ++result;
  ::closedir(dir);
  return result;
}

std::size_t threads() {
  return entries("/proc/self/task");
}

std::size_t descriptors() {
  return entries("/proc/self/fd");
}

/// 0 under a sanitizer, which has an allocator of its own and finds leaks
/// itself.
std::ptrdiff_t bytes_in_use() {
  auto info = ::mallinfo2();
  return static_cast<std::ptrdiff_t>(info.uordblks + info.hblkhd);
}

void one_life() {
  quiet_server server;
  auto near = named("near", "/near");
  near.execution = execution_mode::inlined;
  server.add<square>(near);
  server.add<square>(named("far", "/far"));
  server.get("/ping", [](const auto&, auto&) { return "pong"; });
  ASSERT_TRUE(server.starts());
  ASSERT_EQ(server.predict("near", 3), 9);
  http_client client{server.port()};
  ASSERT_EQ(client.post("/far", "3").body, "9.0");
  ASSERT_EQ(client.get("/ping").body, "pong");
  auto report = server.stop();
  ASSERT_EQ(report.abandoned_workers, 0U);
}

bool same_handler(const struct sigaction& lhs, const struct sigaction& rhs) {
  return lhs.sa_handler == rhs.sa_handler && lhs.sa_flags == rhs.sa_flags;
}

} // namespace

TEST(embedded, starts_and_stops_without_a_trace) {
  for (int i = 0; i < warm_up; ++i)
    ASSERT_NO_FATAL_FAILURE(one_life());
  auto threads_before = threads();
  auto descriptors_before = descriptors();
  auto bytes_before = bytes_in_use();
  for (int i = 0; i < cycles; ++i)
    ASSERT_NO_FATAL_FAILURE(one_life()) << i;
  // A joined thread's entry goes a moment later.
  EXPECT_TRUE(eventually([&] { return threads() <= threads_before; }))
    << threads_before << " before, now " << threads();
  EXPECT_LE(descriptors(), descriptors_before);
  EXPECT_LT(bytes_in_use() - bytes_before, cycles * allowed_per_cycle)
    << "grew by " << (bytes_in_use() - bytes_before) / cycles << " a cycle";
}

TEST(embedded, leaves_signals_to_the_host) {
  constexpr int numbers[] = {SIGTERM, SIGINT,  SIGHUP,
                             SIGPIPE, SIGUSR1, SIGCHLD};
  std::vector<struct sigaction> before;
  for (auto n : numbers)
    ::sigaction(n, nullptr, &before.emplace_back());
  sigset_t mask_before;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask_before);
  quiet_server server;
  server.add<square>(named("sq"));
  ASSERT_TRUE(server.starts());
  for (std::size_t i = 0; i < before.size(); ++i) {
    struct sigaction now {};
    ::sigaction(numbers[i], nullptr, &now);
    EXPECT_TRUE(same_handler(now, before[i])) << numbers[i];
  }
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  for (auto n : numbers)
    EXPECT_EQ(sigismember(&mask, n), sigismember(&mask_before, n)) << n;
  // A client that leaves in the middle of an answer raises nothing either.
  for (int i = 0; i < 20; ++i)
    http_client{server.port()}.send(request_text("GET", "/info"));
  EXPECT_EQ(server.post_to("/predict", "3").body, "9.0");
}

} // namespace troupe
