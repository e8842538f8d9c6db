// Workers that are processes: their deaths, limits and ends.
#include "troupe/tests/integration/served.hpp"
#include "troupe/tests/integration/serving/children.hpp"

#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/resource.h>

namespace troupe {

namespace {

std::string one_model(const std::string& type, const std::string& more = {}) {
  return R"({"models":[{"name":"m","type":")" + type
         + R"(","execution":"process","restart":{"initial_backoff_ms":10,
              "max_restarts":1000})"
         + more + R"(},
    {"name":"other","type":"square","predict":"/other"}]})";
}

constexpr auto died =
  R"({"detail":"Worker died while processing the request"})";
constexpr auto hangs = R"({"mode":"hang","forever":true})";

/// Sends a request that holds the only worker, and returns when it does.
http_client busy(const served& server) {
  auto result = server.connect();
  result.send(request_text("POST", "/predict", R"({"mode":"hang"})"));
  EXPECT_TRUE(eventually([&] {
    return contains(server.get("/metrics").body,
                    "troupe_model_pending_requests{model=\"m\"} 1");
  }));
  return result;
}

pid_t only_child(const served& server) {
  std::vector<pid_t> all;
  EXPECT_TRUE(eventually([&] {
    all = children_of(server.program.pid());
    return all.size() == 1;
  }));
  return all.empty() ? -1 : all.front();
}

std::string text_of_file(const std::string& path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Whether a process has ended; a zombie that nobody has reaped has.
bool is_gone(pid_t pid) {
  return ::kill(pid, 0) != 0
         || contains(text_of_file("/proc/" + std::to_string(pid) + "/stat"),
                     ") Z ");
}

void expect_serves_again(const served& server) {
  EXPECT_TRUE(
    eventually([&] { return server.post("/predict", "{}").status == 200; }));
  EXPECT_EQ(server.post("/other", R"({"input":2})").status, 200);
}

} // namespace

class worker_signal : public ::testing::TestWithParam<int> {};

TEST_P(worker_signal, answers_503_at_once_and_touches_nobody_else) {
  served server{one_model("fault")};
  auto client = busy(server);
  ::kill(only_child(server), GetParam());
  auto answer = client.read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, died);
  EXPECT_EQ(server.post("/other", R"({"input":2})").status, 200);
  expect_serves_again(server);
}

INSTANTIATE_TEST_SUITE_P(of, worker_signal,
                         ::testing::Values(SIGKILL, SIGSEGV, SIGABRT, SIGSTOP),
                         [](const auto& x) {
                           return std::string{::sigabbrev_np(x.param)};
                         });

TEST(worker_process, that_crashes_takes_nobody_along) {
  served server{one_model("fault")};
  auto answer = server.post("/predict", R"({"mode":"segv"})");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, died);
  // A sanitizer makes an exit status of the signal.
  EXPECT_TRUE(server.program.wait_for("its process ended with "));
  expect_serves_again(server);
}

TEST(worker_process, that_hangs_is_really_ended) {
  served server{one_model(
    "fault", R"(,"execution_timeout_ms":100,"hang":{"after_ms":100})")};
  const auto first = only_child(server);
  EXPECT_EQ(server.post("/predict", hangs).status, 504);
  expect_serves_again(server);
  EXPECT_TRUE(eventually([&] { return ::kill(first, 0) != 0; }));
  EXPECT_EQ(children_of(server.program.pid()).size(), 1U);
}

TEST(worker_process, that_was_idle_and_is_killed_is_replaced) {
  served server{one_model("echo")};
  const auto first = only_child(server);
  ::kill(first, SIGKILL);
  EXPECT_TRUE(server.program.wait_for("signal 9 (SIGKILL)"));
  expect_serves_again(server);
}

TEST(worker_process, ignores_the_signals_that_are_for_the_server) {
  served server{one_model("echo")};
  const auto first = only_child(server);
  for (auto x : {SIGTERM, SIGINT, SIGHUP})
    ::kill(first, x);
  EXPECT_EQ(server.post("/predict", "1").body, "1");
  EXPECT_EQ(only_child(server), first);
}

TEST(worker_process, dies_with_a_server_that_is_killed) {
  served server{one_model("fault", R"(,"workers":3)")};
  auto client = busy(server);
  std::vector<pid_t> children;
  ASSERT_TRUE(eventually([&] {
    children = children_of(server.program.pid());
    return children.size() == 3;
  }));
  server.program.signal(SIGKILL);
  EXPECT_EQ(server.program.wait_exit(), 128 + SIGKILL);
  for (auto child : children)
    EXPECT_TRUE(eventually([&] { return is_gone(child); }));
}

TEST(worker_process, has_the_environment_and_the_niceness_it_was_given) {
  served server{one_model("echo", R"(,"process":{"nice":3,
    "env":{"TROUPE_TEST_WORD":"green"},"devices":["5"],"cpu_affinity":"0"})")};
  const auto child = std::to_string(only_child(server));
  auto environment = text_of_file("/proc/" + child + "/environ");
  EXPECT_TRUE(contains(environment, "TROUPE_TEST_WORD=green"));
  EXPECT_TRUE(contains(environment, "CUDA_VISIBLE_DEVICES=5"));
  EXPECT_EQ(::getpriority(PRIO_PROCESS, static_cast<id_t>(std::stol(child))),
            ::getpriority(PRIO_PROCESS, 0) + 3);
  EXPECT_TRUE(contains(text_of_file("/proc/" + child + "/status"),
                       "Cpus_allowed_list:\t0\n"));
}

TEST(worker_process, has_no_descriptor_of_the_server) {
  served server{one_model("echo")};
  auto client = server.accepted();
  const auto child = std::to_string(only_child(server));
  std::size_t sockets = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + child + "/fd"))
    if (contains(std::filesystem::read_symlink(entry).string(), "socket:"))
      ++sockets;
  EXPECT_EQ(sockets, 1U) << "the one to the server";
}

TEST(worker_process, is_killed_when_it_takes_more_memory_than_it_may) {
  served server{one_model("echo", R"(,"process":{"memory_mb":1000})")};
  EXPECT_EQ(server.post("/predict", "1").body, "1");
  served tight{
    one_model("fault", R"(,"required":false,"process":{"memory_mb":1})")};
  EXPECT_TRUE(tight.program.wait_for("more than process.memory_mb allows"));
  EXPECT_EQ(tight.post("/other", R"({"input":2})").status, 200);
}

TEST(worker_process, carries_large_bytes_both_ways) {
  served server{one_model("echo")};
  for (std::size_t size : {65'536U, 65'537U, 3'000'000U}) {
    const std::string body(size, '\x80');
    auto answer = server.post("/predict", body,
                              {{"Content-Type", "application/octet-stream"}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, body) << size;
  }
}

TEST(worker_process, that_is_still_being_set_up_does_not_hold_up_the_end) {
  temp_config config{R"({"models":[{"name":"m","type":"python",
    "python":"/usr/bin/python3","path":"slow.py","workers":2}]})"};
  config.write("slow.py", "import time\nprint('begun', flush=True)\n"
                          "time.sleep(1000)\n");
  running_program program{
    troupe_command({"serve", config.path(), "--port", "0"})};
  ASSERT_TRUE(program.wait_for("worker 1: begun"));
  ASSERT_TRUE(program.wait_for("worker 0: begun"));
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait_exit(), 0);
  EXPECT_FALSE(contains(program.err(), "abandoned")) << program.err();
}

TEST(worker_process, takes_what_it_started_along) {
  temp_config config{R"({"models":[{"name":"m","type":"python",
    "python":"/usr/bin/python3","path":"starts.py"}]})"};
  config.write("starts.py", "import subprocess\n"
                            "class Model:\n"
                            "  def predict(self, x):\n"
                            "    p = subprocess.Popen(['sleep', '1000'])\n"
                            "    return p.pid\n");
  running_program program{
    troupe_command({"serve", config.path(), "--port", "0"})};
  const auto port = program.wait_for_port();
  ASSERT_NE(port, 0);
  http_response answer;
  ASSERT_TRUE(eventually([&] {
    answer = http_client{port}.post("/predict", "1");
    return answer.status == 200;
  }));
  const auto started = static_cast<pid_t>(std::stol(answer.body));
  EXPECT_EQ(::kill(started, 0), 0);
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait_exit(), 0);
  EXPECT_TRUE(eventually([&] { return is_gone(started); }));
}

TEST(worker_process, survives_kills_at_random_under_load) {
  served server{one_model("sleep", R"(,"workers":3,"queue":{"max_size":64})")};
  int answers = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<http_client> clients;
    for (int i = 0; i < 8; ++i) {
      clients.push_back(server.connect());
      clients.back().send(request_text("POST", "/predict", R"({"base_ms":5})"));
    }
    for (auto child : children_of(server.program.pid()))
      if ((child + round) % 2 == 0)
        ::kill(child, SIGKILL);
    for (auto& x : clients) {
      const auto answer = x.read();
      EXPECT_TRUE(answer.status == 200 || answer.status == 503) << answer.body;
      answers += answer.status > 0 ? 1 : 0;
    }
  }
  EXPECT_EQ(answers, 160);
  EXPECT_TRUE(
    eventually([&] { return children_of(server.program.pid()).size() == 3; }));
  server.program.signal(SIGTERM);
  EXPECT_EQ(server.program.wait_exit(), 0);
}

TEST(worker_process, is_refused_where_it_cannot_be) {
  auto text_of_check = [](const std::string& entry) {
    temp_config config{R"({"models":[{"name":"m","type":"square")" + entry
                       + "}]}"};
    running_program program{troupe_command({"check", config.path()})};
    EXPECT_EQ(program.wait_exit(), 2);
    return program.err();
  };
  EXPECT_TRUE(contains(text_of_check(R"(,"process":{"nice":3})"),
                       "set execution to \"process\""));
  EXPECT_TRUE(contains(text_of_check(R"(,"execution":"process",
                         "process":{"cpu_affinity":"3-1"})"),
                       "ends before it begins"));
  EXPECT_TRUE(contains(text_of_check(R"(,"execution":"process",
                         "process":{"env":{"A":1}})"),
                       "expected a string, got number"));
  EXPECT_TRUE(contains(text_of_check(R"(,"execution":"process",
                         "process":{"memory":1})"),
                       "memory_mb"));
}

TEST(worker_process, is_started_by_a_server_only) {
  running_program program{troupe_command({"worker"})};
  EXPECT_EQ(program.wait_exit(), 2);
  EXPECT_TRUE(contains(program.err(), "is run by a server"));
}

} // namespace troupe
