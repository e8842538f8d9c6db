#include "troupe/models/process/child_process.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sched.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe {

namespace {

constexpr int worker_fd = 3;
constexpr int extra_fd = 4;
constexpr int status_fd = 5;

/// Where a start can fail inside the child.
enum class step : int { directory, nice, cpus, exec };

struct start_failure {
  step where;
  int error;
};

[[noreturn]] void refuse(const std::string& what, int error) {
  std::array<char, 256> buffer{};
  throw std::runtime_error(what + ": "
                           + ::strerror_r(error, buffer.data(), buffer.size()));
}

struct pipe_ends {
  unique_fd read;
  unique_fd write;
};

pipe_ends make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0)
    refuse("cannot make a pipe for a worker", errno);
  return {unique_fd{fds[0]}, unique_fd{fds[1]}};
}

std::vector<std::string> environment_of(const child_command& x) {
  std::vector<std::string> result;
  // A model must not see the keys of the server.
  auto own = [&x](std::string_view entry) {
    return entry.starts_with("TROUPE_")
           || x.env.contains(std::string{entry.substr(0, entry.find('='))});
  };
  for (auto** at = environ; *at != nullptr; ++at)
    if (!own(*at))
      result.emplace_back(*at);
  for (const auto& [name, value] : x.env)
    result.emplace_back(name).append(1, '=').append(value);
  result.emplace_back("TROUPE_WORKER_FD=").append(std::to_string(worker_fd));
  return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& xs) {
  std::vector<char*> result;
  result.reserve(xs.size() + 1);
  for (auto& x : xs)
    result.push_back(x.data());
  result.push_back(nullptr);
  return result;
}

/// A process that was killed ends at once, unless the kernel holds it in a call
/// that nothing ends. Then it is left to the system.
constexpr std::chrono::seconds longest_end{5};

/// Waits for a process that ends or was killed.
void reap(pid_t pid) noexcept {
  const auto until = std::chrono::steady_clock::now() + longest_end;
  while (::waitpid(pid, nullptr, WNOHANG) == 0
         && std::chrono::steady_clock::now() < until)
    ::poll(nullptr, 0, 1);
}

/// What the child does between `fork` and `execve`: only what is safe there
/// (signal-safety(7)), with everything made before.
struct child_plan {
  const char* file;
  char* const* argv;
  char* const* envp;
  const char* directory;
  int nice;
  const cpu_set_t* cpus;
  int null_fd;
  int out_fd;
  int err_fd;
  int socket_fd;
  int extra_fd;
  int report_fd;
  pid_t parent;
};

[[noreturn]] void fail_child(const child_plan& x, step where) noexcept {
  start_failure what{where, errno};
  static_cast<void>(!::write(x.report_fd, &what, sizeof(what)));
  ::_exit(127);
}

/// Moves a descriptor out of the way of those that are about to be set.
int out_of_the_way(int fd) noexcept {
  return ::fcntl(fd, F_DUPFD_CLOEXEC, 16);
}

void reset_signals() noexcept {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (auto number = 1; number < NSIG; ++number)
    ::sigaction(number, &action, nullptr);
  action.sa_handler = SIG_IGN;
  for (auto number : {SIGINT, SIGTERM, SIGHUP})
    ::sigaction(number, &action, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Lets the system kill it before the server when memory runs out.
void offer_to_oom_killer() noexcept {
  auto fd = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0)
    return;
  static_cast<void>(!::write(fd, "500", 3));
  ::close(fd);
}

[[noreturn]] void run_child(child_plan x) noexcept {
  // With the thread that forks; the server's end is seen in any case.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != x.parent)
    ::_exit(127);
  // A key press that is meant for the server, such as Ctrl-C, goes to its whole
  // group.
  ::setpgid(0, 0);
  x.null_fd = out_of_the_way(x.null_fd);
  x.out_fd = out_of_the_way(x.out_fd);
  x.err_fd = out_of_the_way(x.err_fd);
  x.socket_fd = out_of_the_way(x.socket_fd);
  x.report_fd = out_of_the_way(x.report_fd);
  if (x.extra_fd >= 0)
    x.extra_fd = out_of_the_way(x.extra_fd);
  ::dup2(x.null_fd, 0);
  ::dup2(x.out_fd, 1);
  ::dup2(x.err_fd, 2);
  ::dup2(x.socket_fd, worker_fd);
  if (x.extra_fd >= 0)
    ::dup2(x.extra_fd, extra_fd);
  else
    ::close(extra_fd);
  ::dup3(x.report_fd, status_fd, O_CLOEXEC);
  x.report_fd = status_fd;
  ::close_range(status_fd + 1, ~0U, 0);
  reset_signals();
  offer_to_oom_killer();
  if (*x.directory != '\0' && ::chdir(x.directory) != 0)
    fail_child(x, step::directory);
  errno = 0;
  if (x.nice != 0 && ::nice(x.nice) == -1 && errno != 0)
    fail_child(x, step::nice);
  if (x.cpus != nullptr
      && ::sched_setaffinity(0, sizeof(cpu_set_t), x.cpus) != 0)
    fail_child(x, step::cpus);
  ::execve(x.file, x.argv, x.envp);
  fail_child(x, step::exec);
}

/// Waits until the child has become its program.
/// @throws std::runtime_error when it could not
void expect_started(const unique_fd& report, const child_command& x) {
  start_failure what{};
  ssize_t n = 0;
  do
    n = ::read(report.get(), &what, sizeof(what));
  while (n < 0 && errno == EINTR);
  if (n != sizeof(what))
    return;
  switch (what.where) {
    case step::directory:
      refuse("a worker cannot run in " + x.directory, what.error);
    case step::nice:
      refuse("a worker cannot have this niceness (" + std::to_string(x.nice)
               + ")",
             what.error);
    case step::cpus:
      refuse("a worker cannot run on those processors (cpu_affinity)",
             what.error);
    case step::exec:
      refuse("cannot run " + x.argv.front(), what.error);
  }
}

std::string describe(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED)
    return "exit status " + std::to_string(info.si_status);
  const auto* name = ::sigabbrev_np(info.si_status);
  auto text = "signal " + std::to_string(info.si_status);
  if (name != nullptr)
    text.append(" (SIG").append(name).append(1, ')');
  return text;
}

} // namespace

std::string file_of(const std::string& program) {
  if (program.find('/') != std::string::npos)
    return program;
  const auto* path = std::getenv("PATH");
  std::string_view left =
    path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!left.empty()) {
    auto end = std::min(left.find(':'), left.size());
    auto file = std::string{left.substr(0, end)}.append(1, '/').append(program);
    if (::access(file.c_str(), X_OK) == 0)
      return file;
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  throw std::runtime_error("there is no program " + program + " in PATH");
}

child_process::child_process(const child_command& x) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
    refuse("cannot make a socket for a worker", errno);
  socket_ = unique_fd{pair[0]};
  unique_fd theirs{pair[1]};
  auto out = make_pipe();
  auto err = make_pipe();
  auto report = make_pipe();
  unique_fd null{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  auto file = file_of(x.argv.front());
  auto arguments = x.argv;
  auto environment = environment_of(x);
  auto argv = pointers_to(arguments);
  auto envp = pointers_to(environment);
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (auto cpu : x.cpus)
    CPU_SET(cpu, &cpus);
  child_plan plan{
    file.c_str(),        argv.data(),     envp.data(),
    x.directory.c_str(), x.nice,          x.cpus.empty() ? nullptr : &cpus,
    null.get(),          out.write.get(), err.write.get(),
    theirs.get(),        x.extra_fd,      report.write.get(),
    ::getpid()};
  // No handler of ours may run in the child.
  sigset_t all;
  sigset_t old;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &old);
  pid_ = ::fork();
  if (pid_ == 0)
    run_child(plan);
  const auto error = errno;
  ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
  if (pid_ < 0)
    refuse("a worker's process cannot be started", error);
  pidfd_ = unique_fd{static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0))};
  if (!pidfd_) {
    const auto why = errno;
    ::kill(pid_, SIGKILL);
    reap(pid_);
    refuse("a worker's process cannot be watched", why);
  }
  out_ = std::move(out.read);
  err_ = std::move(err.read);
  for (const auto* fd : {&out_, &err_})
    ::fcntl(fd->get(), F_SETFL, O_NONBLOCK);
  report.write.reset();
  try {
    expect_started(report.read, x);
  } catch (...) {
    reap(pid_);
    throw;
  }
}

child_process::~child_process() {
  kill();
  const auto until = std::chrono::steady_clock::now() + longest_end;
  while (!ended() && std::chrono::steady_clock::now() < until) {
    constexpr int look_ms = 100;
    pollfd fd{end_fd(), POLLIN, 0};
    ::poll(&fd, 1, look_ms);
  }
}

void child_process::kill() noexcept {
  ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
}

bool child_process::stopped() noexcept {
  siginfo_t info{};
  return !end_
         && ::waitid(P_PID, static_cast<id_t>(pid_), &info,
                     WSTOPPED | WNOHANG | WNOWAIT)
              == 0
         && info.si_pid == pid_;
}

const std::optional<child_process::end>& child_process::ended() noexcept {
  if (end_)
    return end_;
  siginfo_t info{};
  const auto id = static_cast<id_t>(pid_);
  auto rc = ::waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT);
  if (rc == 0 && info.si_pid == pid_) {
    // The processes that it started and left end with it; its group has its
    // number until it is reaped.
    ::kill(-pid_, SIGKILL);
    ::waitid(P_PID, id, &info, WEXITED | WNOHANG);
  }
  if (rc == 0 && info.si_pid == pid_)
    end_ =
      end{describe(info), info.si_code == CLD_EXITED && info.si_status == 0,
          info.si_code == CLD_KILLED && info.si_status == SIGKILL};
  else if (rc != 0 && errno == ECHILD)
    // A host that ignores SIGCHLD has it reaped by the system.
    end_ = end{"an unknown status"};
  return end_;
}

std::size_t child_process::resident_bytes() const {
  std::ifstream in{"/proc/" + std::to_string(pid_) + "/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  if (!(in >> total >> resident))
    return 0;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace troupe
