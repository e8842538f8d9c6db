#include "troupe/models/process/child_process.hpp"

#include <gtest/gtest.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace troupe {

namespace {

child_command shell(const std::string& script) {
  child_command result;
  result.argv = {"sh", "-c", script};
  return result;
}

std::string end_of(child_process& x) {
  wait_readable(x.end_fd(), -1, std::chrono::milliseconds{30'000});
  const auto& end = x.ended();
  return end ? end->text : "none";
}

/// What it writes to its standard output, to the end.
std::string output_of(const child_process& x) {
  std::string result;
  for (;;) {
    std::array<char, 256> buffer{};
    wait_readable(x.out().get(), -1, std::chrono::milliseconds{30'000});
    auto n = ::read(x.out().get(), buffer.data(), buffer.size());
    if (n <= 0)
      return result;
    result.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

std::string failure_of(const child_command& x) {
  try {
    child_process child{x};
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "none";
}

} // namespace

TEST(child_process, tells_how_it_ended) {
  child_process fine{shell("exit 0")};
  EXPECT_EQ(end_of(fine), "exit status 0");
  EXPECT_TRUE(fine.ended()->clean);
  child_process failed{shell("exit 3")};
  EXPECT_EQ(end_of(failed), "exit status 3");
  EXPECT_FALSE(failed.ended()->clean);
  child_process aborted{shell("kill -ABRT $$")};
  EXPECT_EQ(end_of(aborted), "signal 6 (SIGABRT)");
}

TEST(child_process, can_be_killed_and_is_at_the_end) {
  pid_t pid = 0;
  {
    child_process child{shell("exec sleep 1000")};
    pid = child.pid();
    EXPECT_FALSE(child.ended());
    EXPECT_GT(child.resident_bytes(), 0U);
    child.kill();
    EXPECT_EQ(end_of(child), "signal 9 (SIGKILL)");
    child.kill();
  }
  EXPECT_NE(::kill(pid, 0), 0);
  {
    child_process child{shell("exec sleep 1000")};
    pid = child.pid();
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(child_process, is_known_to_be_stopped) {
  child_process child{shell("exec sleep 1000")};
  EXPECT_FALSE(child.stopped());
  ::kill(child.pid(), SIGSTOP);
  for (int i = 0; i < 30'000 && !child.stopped(); ++i)
    ::usleep(1'000);
  EXPECT_TRUE(child.stopped());
  EXPECT_TRUE(child.stopped()) << "asking changes nothing";
}

TEST(child_process, has_what_it_was_given_and_nothing_else) {
  auto command = shell("echo $A $TROUPE_WORKER_FD; pwd; ls /proc/self/fd; "
                       "trap - TERM; kill -TERM $$; echo alive");
  command.env = {{"A", "b c"}};
  command.directory = "/";
  child_process child{command};
  auto socket = child.take_socket();
  // 4 is what ls itself opens, for the folder.
  EXPECT_EQ(output_of(child), "b c 3\n/\n0\n1\n2\n3\n4\nalive\n");
}

TEST(child_process, says_why_it_cannot_be_started) {
  child_command command;
  command.argv = {"no-such-program-of-all"};
  EXPECT_EQ(failure_of(command),
            "there is no program no-such-program-of-all in PATH");
  command.argv = {"/no/such"};
  EXPECT_EQ(failure_of(command), "cannot run /no/such: No such file or "
                                 "directory");
  auto elsewhere = shell("exit 0");
  elsewhere.directory = "/no/such";
  EXPECT_EQ(failure_of(elsewhere),
            "a worker cannot run in /no/such: No such file or directory");
  auto nowhere = shell("exit 0");
  nowhere.cpus = {1023};
  EXPECT_NE(failure_of(nowhere).find("cpu_affinity"), std::string::npos);
}

} // namespace troupe
