// The program among others: who reads its log, who signals it and when, and
// what the system allows it.
#include "troupe/tests/integration/served.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace troupe {

namespace {

constexpr auto faulty = R"({"models": [{"name": "fault", "type": "fault"}]})";

/// A named pipe that nobody reads yet.
class fifo {
public:
  fifo() : path_(dir_.path() / "log") {
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    // Both ends, so that nobody waits for another one to open it.
    fd_ = ::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  }

  ~fifo() {
    close();
  }

  fifo(const fifo&) = delete;
  fifo& operator=(const fifo&) = delete;

  /// Leaves no room.
  void fill() {
    const std::string some(4096, '.');
    while (::write(fd_, some.data(), some.size()) > 0)
      continue;
    while (::write(fd_, ".", 1) > 0)
      continue;
  }

  /// The reader leaves.
  void close() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }

  [[nodiscard]] std::string path() const {
    return path_.string();
  }

private:
  temp_dir dir_;
  std::filesystem::path path_;
  int fd_ = -1;
};

/// Runs `troupe serve` as the end of a shell script.
std::vector<std::string> scripted(const std::string& script,
                                  const std::string& config,
                                  std::uint16_t port) {
  return {
    "/bin/sh",     "-c",   script + " exec \"$0\" serve \"$1\" --port \"$2\"",
    troupe_path(), config, std::to_string(port)};
}

/// A program whose log goes to a file of the test's choice.
class quiet_program {
public:
  quiet_program(std::string_view config, const std::string& log,
                const std::string& script = {})
    : config_(config),
      port_(free_port()),
      program(scripted(log.empty() ? script : script + " exec 2>\"$LOG\";",
                       config_.path(), port_),
              {{"LOG", log}}) {
    if (!eventually([this] { return get("/readyz") == 200; }))
      ADD_FAILURE() << "not serving";
  }

  [[nodiscard]] int get(std::string_view path) const {
    return http_client{port_}.get(path).status;
  }

  /// Has the model throw, which writes a line to the log.
  [[nodiscard]] int provoke() const {
    return http_client{port_}.post("/predict", R"({"mode":"throw"})").status;
  }

private:
  temp_config config_;

public:
  std::uint16_t port_;
  running_program program;
};

/// Whether a process lets a signal wait.
bool blocks(pid_t pid, int number) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/status"};
  constexpr std::string_view mark = "SigBlk:";
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(mark))
      return (std::stoull(line.substr(mark.size()), nullptr, 16) >> (number - 1)
              & 1)
             != 0;
  return false;
}

} // namespace

TEST(process, outlives_the_reader_of_its_log) {
  fifo log;
  quiet_program served{faulty, log.path()};
  log.close();
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(served.provoke(), 500);
  EXPECT_EQ(served.get("/health"), 200);
  served.program.signal(SIGTERM);
  EXPECT_EQ(served.program.wait_exit(), 0);
}

TEST(process, serves_and_ends_while_nobody_reads_its_log) {
  fifo log;
  log.fill();
  quiet_program served{faulty, log.path()};
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(served.provoke(), 500);
  EXPECT_EQ(served.get("/health"), 200);
  served.program.signal(SIGHUP);
  served.program.signal(SIGTERM);
  EXPECT_EQ(served.program.wait_exit(), 0);
}

TEST(process, serves_and_ends_while_its_log_can_hold_nothing) {
  quiet_program served{faulty, "/dev/full"};
  EXPECT_EQ(served.provoke(), 500);
  EXPECT_EQ(served.get("/health"), 200);
  served.program.signal(SIGTERM);
  EXPECT_EQ(served.program.wait_exit(), 0);
}

TEST(process, writes_to_no_connection_when_it_has_no_standard_streams) {
  quiet_program served{faulty, "", "exec 0<&- 1>&- 2>&-;"};
  for (auto fd : {"0", "1", "2"})
    EXPECT_EQ(std::filesystem::read_symlink(
                "/proc/" + std::to_string(served.program.pid()) + "/fd/" + fd),
              "/dev/null");
  EXPECT_EQ(served.provoke(), 500);
  EXPECT_EQ(served.get("/health"), 200);
  served.program.signal(SIGTERM);
  EXPECT_EQ(served.program.wait_exit(), 0);
}

TEST(process, writes_its_last_lines) {
  temp_dir dir;
  auto log = (dir.path() / "log").string();
  quiet_program served{faulty, log};
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(served.provoke(), 500);
  served.program.signal(SIGTERM);
  EXPECT_EQ(served.program.wait_exit(), 0);
  std::ifstream in{log};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_EQ(count(text, " error "), 200U);
  EXPECT_TRUE(contains(text, "info stopped: ")) << text;
}

TEST(process, goes_on_after_a_hang_up_that_it_was_told_to_ignore) {
  temp_dir dir;
  auto log = (dir.path() / "log").string();
  quiet_program served{faulty, log, "trap '' HUP;"};
  served.program.signal(SIGHUP);
  EXPECT_EQ(served.get("/health"), 200);
  served.program.signal(SIGTERM);
  EXPECT_EQ(served.program.wait_exit(), 0);
  std::ifstream in{log};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_FALSE(contains(text, "SIGHUP")) << text;
}

TEST(process, answers_507_where_files_may_not_grow) {
  temp_dir dir;
  // In blocks of 512 bytes.
  quiet_program served{R"({"server": {"limits": {"body_memory_bytes": 1000}},
                           "models": [{"name": "echo", "type": "echo"}]})",
                       "/dev/null", "ulimit -f 16;"};
  const std::string form =
    "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
    + std::string(200'000, 'a') + "\r\n--x--\r\n";
  auto answer = http_client{served.port_}.post(
    "/predict", form, {{"Content-Type", "multipart/form-data; boundary=x"}});
  EXPECT_EQ(answer.status, 507);
  EXPECT_EQ(served.get("/health"), 200);
}

TEST(process, ends_in_order_on_a_signal_as_soon_as_main_has_begun) {
  temp_config config{faulty};
  std::minstd_rand random{7};
  for (int i = 0; i < 50; ++i) {
    running_program program{
      troupe_command({"serve", config.path(), "--port", "0"})};
    // Before main every process dies of its signals.
    ASSERT_TRUE(eventually(
      [&] { return blocks(program.pid(), SIGTERM) || !program.alive(); }));
    std::this_thread::sleep_for(std::chrono::microseconds{random() % 30'000});
    program.signal(i % 2 == 0 ? SIGTERM : SIGINT);
    EXPECT_EQ(program.wait_exit(), 0) << program.err();
  }
}

TEST(process, ends_on_a_signal_while_it_waits_for_its_config) {
  for (auto n : {SIGTERM, SIGINT}) {
    fifo config;
    running_program program{troupe_command({"serve", config.path()})};
    ASSERT_TRUE(eventually([&] { return blocks(program.pid(), n); }));
    program.signal(n);
    EXPECT_EQ(program.wait_exit(), 0);
  }
}

TEST(process, other_commands_end_as_any_program_does) {
  for (auto n : {SIGTERM, SIGINT, SIGHUP}) {
    fifo config;
    running_program program{troupe_command({"check", config.path()})};
    EXPECT_TRUE(eventually([&] {
      program.signal(n);
      return !program.alive();
    }));
    EXPECT_EQ(program.wait_exit(), 128 + n);
  }
}

TEST(process, warns_when_it_serves_others_without_a_key) {
  constexpr auto config = R"({"server": {"host": "0.0.0.0"},
    "models": [{"name": "echo", "type": "echo"}]})";
  temp_config file{config};
  auto port = std::to_string(free_port());
  auto warns = [&](const running_program::environment& environment) {
    running_program program{
      troupe_command({"serve", file.path(), "--port", port}), environment};
    EXPECT_TRUE(program.wait_for("listening on 0.0.0.0:"));
    program.signal(SIGTERM);
    EXPECT_EQ(program.wait_exit(), 0);
    return contains(program.err(), "warning no API key is set");
  };
  EXPECT_TRUE(warns({}));
  EXPECT_FALSE(warns({{"TROUPE_API_KEY", "k"}}));
}

TEST(process, refuses_a_key_that_no_client_can_send) {
  temp_config config{faulty};
  for (std::string key : {"", " ", "secret\n", "secret ", " secret"}) {
    running_program program{
      troupe_command({"serve", config.path(), "--port", "0"}),
      {{"TROUPE_API_KEY", key}}};
    EXPECT_EQ(program.wait_exit(), 2) << '"' << key << '"';
    EXPECT_TRUE(contains(program.err(), "TROUPE_API_KEY")) << program.err();
    EXPECT_FALSE(contains(program.err(), "secret")) << program.err();
  }
}

} // namespace troupe
