#include "troupe/bench/support/child.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::bench {

std::size_t resident_bytes(pid_t pid) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/statm"};
  std::size_t size = 0;
  std::size_t resident = 0;
  in >> size >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

child::child(const std::function<void()>& serve) {
  std::array<int, 2> out{};
  std::array<int, 2> in{};
  if (pipe(out.data()) != 0 || pipe(in.data()) != 0)
    throw std::runtime_error("pipe");
  // What is buffered must not be printed twice.
  std::fflush(stdout);
  pid_ = fork();
  if (pid_ == 0) {
    // Does not outlive the benchmark, however that ends.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
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
  auto started = std::fscanf(lines, "port %d", &value) == 1;
  std::fclose(lines);
  if (!started)
    throw std::runtime_error("the server did not start");
  port = static_cast<std::uint16_t>(value);
}

child::~child() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  close(stdin_);
}

double cpu_us_of(pid_t pid) {
  clockid_t id{};
  timespec t{};
  if (clock_getcpuclockid(pid, &id) != 0 || clock_gettime(id, &t) != 0)
    throw std::runtime_error("a server has ended");
  return static_cast<double>(t.tv_sec) * 1e6
         + static_cast<double>(t.tv_nsec) / 1e3;
}

} // namespace troupe::bench
