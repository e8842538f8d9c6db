#include "troupe/cli/bench/interrupt.hpp"

#include <csignal>

namespace troupe::load {

namespace {

volatile std::sig_atomic_t signal_seen = 0;

void note_signal(int number) {
  signal_seen = 1;
  std::signal(number, SIG_DFL);
}

} // namespace

interrupt_guard::interrupt_guard() {
  signal_seen = 0;
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
}

interrupt_guard::~interrupt_guard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool interrupt_guard::seen() const noexcept {
  return signal_seen != 0;
}

} // namespace troupe::load
