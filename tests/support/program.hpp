#pragma once

#include <array>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <poll.h>
#include <signal.h>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace troupe {

/// Waits until `f()` holds. For what nobody announces; `running_program` waits
/// for lines and for the exit without looking again and again.
template <class F>
bool eventually(F&& f,
                std::chrono::milliseconds bound = std::chrono::milliseconds{
                  30'000}) {
  auto end = std::chrono::steady_clock::now() + bound;
  while (!f()) {
    if (std::chrono::steady_clock::now() >= end)
      return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

/// A program in a process group of its own. Killed and reaped at the end, also
/// when the test dies.
class running_program {
public:
  using milliseconds = std::chrono::milliseconds;
  using environment = std::vector<std::pair<std::string, std::string>>;

  /// @param command the program's path and its arguments
  /// @param extra set in the child only
  explicit running_program(std::vector<std::string> command,
                           const environment& extra = {}) {
    std::vector<char*> args;
    for (auto& x : command)
      args.push_back(x.data());
    args.push_back(nullptr);
    auto variables = merged(extra);
    std::vector<char*> env;
    for (auto& x : variables)
      env.push_back(x.data());
    env.push_back(nullptr);
    std::array<int, 2> out{-1, -1};
    std::array<int, 2> err{-1, -1};
    if (::pipe2(out.data(), O_CLOEXEC) != 0
        || ::pipe2(err.data(), O_CLOEXEC) != 0)
      std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(out[1], STDOUT_FILENO);
      ::dup2(err[1], STDERR_FILENO);
      ::execve(args.front(), args.data(), env.data());
      ::_exit(127);
    }
    if (pid_ < 0)
      std::abort();
    ::setpgid(pid_, pid_);
    ::close(out[1]);
    ::close(err[1]);
    reader_ = std::thread{[this, o = out[0], e = err[0]] { watch(o, e); }};
  }

  running_program(const running_program&) = delete;
  running_program& operator=(const running_program&) = delete;

  ~running_program() {
    signal(SIGKILL);
    // Its children, if it left any.
    ::kill(-pid_, SIGKILL);
    reader_.join();
  }

  [[nodiscard]] pid_t pid() const noexcept {
    return pid_;
  }

  /// Sends a signal; nothing happens when the program has ended.
  void signal(int n) {
    std::unique_lock guard{mutex_};
    if (!code_)
      ::kill(pid_, n);
  }

  /// Waits until the program has written `text` to standard error.
  bool wait_for(std::string_view text,
                milliseconds bound = milliseconds{30'000}) {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, bound, [&] {
      return err_.find(text) != std::string::npos || code_.has_value();
    });
    return err_.find(text) != std::string::npos;
  }

  /// Waits for the port that the program says it listens on; 0: it does not.
  std::uint16_t wait_for_port(milliseconds bound = milliseconds{30'000}) {
    constexpr std::string_view mark = "listening on 127.0.0.1:";
    if (!wait_for(mark, bound))
      return 0;
    auto text = err();
    auto first = text.data() + text.find(mark) + mark.size();
    std::uint16_t result = 0;
    std::from_chars(first, text.data() + text.size(), result);
    return result;
  }

  /// Waits for the end. @returns the exit code, 128 + n after signal n, or
  /// nothing when the program still runs.
  std::optional<int> wait_exit(milliseconds bound = milliseconds{30'000}) {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, bound, [this] { return code_.has_value(); });
    return code_;
  }

  [[nodiscard]] bool alive() const {
    std::unique_lock guard{mutex_};
    return !code_.has_value();
  }

  /// Whether any process is left of the program's group, after its end.
  [[nodiscard]] bool left_children() const {
    return ::kill(-pid_, 0) == 0;
  }

  [[nodiscard]] std::string out() const {
    std::unique_lock guard{mutex_};
    return out_;
  }

  [[nodiscard]] std::string err() const {
    std::unique_lock guard{mutex_};
    return err_;
  }

private:
  static std::vector<std::string> merged(const environment& extra) {
    std::vector<std::string> result;
    for (auto** x = environ; *x != nullptr; ++x) {
      std::string_view line{*x};
      auto name = line.substr(0, line.find('='));
      // Keys of whoever runs the tests have no say in them.
      if (!name.starts_with("TROUPE_"))
        result.emplace_back(line);
    }
    for (const auto& [name, value] : extra)
      result.push_back(name + '=' + value);
    return result;
  }

  /// Reads both pipes to their ends, then waits for the exit.
  void watch(int out, int err) {
    std::array<pollfd, 2> fds{{{out, POLLIN, 0}, {err, POLLIN, 0}}};
    std::array<std::string*, 2> texts{&out_, &err_};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
      ::poll(fds.data(), fds.size(), -1);
      for (std::size_t i = 0; i < fds.size(); ++i) {
        if (fds[i].fd < 0 || fds[i].revents == 0)
          continue;
        std::array<char, 4096> buffer;
        auto n = ::read(fds[i].fd, buffer.data(), buffer.size());
        if (n <= 0) {
          ::close(std::exchange(fds[i].fd, -1));
          continue;
        }
        std::unique_lock guard{mutex_};
        texts[i]->append(buffer.data(), static_cast<std::size_t>(n));
        changed_.notify_all();
      }
    }
    // Reaped under the lock, so that no signal goes to a stranger.
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
    std::unique_lock guard{mutex_};
    int status = 0;
    ::waitpid(pid_, &status, 0);
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    changed_.notify_all();
  }

  pid_t pid_ = -1;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string out_;
  std::string err_;
  std::optional<int> code_;
  std::thread reader_;
};

} // namespace troupe
