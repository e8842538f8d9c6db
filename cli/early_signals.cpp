#include "troupe/cli/early_signals.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

namespace troupe {

namespace {

/// Waits for one of the signals or for `end`, then closes `signals`.
void wait_for_end(int signals, int end) {
  std::array<pollfd, 2> fds{{{signals, POLLIN, 0}, {end, POLLIN, 0}}};
  while (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR)
    continue;
  if ((fds[0].revents & POLLIN) != 0 && (fds[1].revents & POLLIN) == 0)
    std::_Exit(0);
  ::close(signals);
}

} // namespace

early_signals::early_signals() {
  sigemptyset(&ours_);
  for (auto n : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
    sigaddset(&ours_, n);
  ::pthread_sigmask(SIG_BLOCK, &ours_, &before_);
}

early_signals::~early_signals() {
  hand_over();
}

void early_signals::release() {
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void early_signals::watch() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  auto stops = ours_;
  for (auto n : {SIGHUP, SIGUSR1})
    sigdelset(&stops, n);
  end_ = ::eventfd(0, EFD_CLOEXEC);
  auto signals = ::signalfd(-1, &stops, SFD_CLOEXEC);
  if (end_ >= 0 && signals >= 0)
    thread_ =
      std::thread{[signals, end = end_] { wait_for_end(signals, end); }};
}

void early_signals::hand_over() {
  if (thread_.joinable()) {
    std::uint64_t one = 1;
    // A counter that is not full takes it.
    [[maybe_unused]] auto n = ::write(end_, &one, sizeof(one));
    thread_.join();
  }
  if (end_ >= 0)
    ::close(std::exchange(end_, -1));
}

} // namespace troupe
