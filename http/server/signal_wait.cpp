#include "troupe/http/server/signal_wait.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <array>
#include <cstdlib>
#include <exception>
#include <pthread.h>
#include <signal.h>
#include <string>
#include <thread>
#include <utility>

namespace troupe {

namespace {

/// Sets what is done on a signal, and restores it at the end.
class kept_disposition {
public:
  explicit kept_disposition(int number) : number_(number) {
    ::sigaction(number_, nullptr, &before_);
  }

  ~kept_disposition() {
    ::sigaction(number_, &before_, nullptr);
  }

  kept_disposition(const kept_disposition&) = delete;
  kept_disposition& operator=(const kept_disposition&) = delete;

  [[nodiscard]] bool is(void (*handler)(int)) const noexcept {
    return (before_.sa_flags & SA_SIGINFO) == 0
           && before_.sa_handler == handler;
  }

private:
  int number_;
  struct sigaction before_ {};
};

const char* name_of(int number) noexcept {
  switch (number) {
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    case SIGUSR1:
      return "SIGUSR1";
    default:
      return "SIGHUP";
  }
}

} // namespace

signal_order signal_rules::on(int number, clock::time_point now) noexcept {
  if (number == SIGHUP)
    return signal_order::reload;
  if (number == SIGUSR1)
    return signal_order::reopen;
  if (number == SIGINT) {
    if (interrupted_ && now - *interrupted_ >= insisting)
      return signal_order::end_now;
    if (!interrupted_)
      interrupted_ = now;
  }
  return std::exchange(stopping_, true) ? signal_order::none
                                        : signal_order::stop;
}

class signal_wait::impl {
public:
  impl(notification& target, log_sink log, std::function<void()> before_exit,
       std::function<void()> on_reload, std::function<bool()> reopen)
    : target_(target),
      log_(std::move(log)),
      before_exit_(std::move(before_exit)),
      on_reload_(std::move(on_reload)),
      reopen_(std::move(reopen)),
      signals_(context_, SIGTERM, SIGINT, SIGUSR1) {
    if (!hup_.is(SIG_IGN))
      signals_.add(SIGHUP);
    wait();
    thread_ = std::thread{[this] {
      sigset_t ours;
      sigemptyset(&ours);
      for (auto n : {SIGTERM, SIGINT, SIGHUP, SIGUSR1})
        sigaddset(&ours, n);
      ::pthread_sigmask(SIG_UNBLOCK, &ours, nullptr);
      context_.run();
    }};
  }

  ~impl() {
    context_.stop();
    thread_.join();
  }

private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code& ec, int n) {
      if (ec)
        return;
      obey(rules_.on(n, signal_rules::clock::now()), n);
      wait();
    });
  }

  // The log comes second: whatever it does, the order is carried out.
  void obey(signal_order order, int number) {
    const std::string name = name_of(number);
    switch (order) {
      case signal_order::stop:
        target_.notify();
        log_(log_level::info,
             name + ": shutting down"
               + (number == SIGINT
                    ? "; a second one, a second later or more, ends at once"
                    : ""));
        break;
      case signal_order::none:
        log_(log_level::info, name + " again: still shutting down");
        break;
      case signal_order::end_now:
        log_(log_level::warning, name + " again: ending at once");
        if (before_exit_)
          before_exit_();
        std::_Exit(128 + number);
      case signal_order::reload:
        if (on_reload_) {
          reload(name);
          break;
        }
        log_(log_level::warning,
             name
               + ": the config is not read again while serving; going on as "
                 "before. To apply a change, restart the program");
        break;
      case signal_order::reopen:
        if (!reopen_ || !reopen_())
          log_(log_level::info,
               name + ": no log is written to a file (server.log.access)");
        break;
    }
  }

  void reload(const std::string& name) {
    log_(log_level::info, name + ": reading the config again");
    try {
      on_reload_();
    } catch (const std::exception& e) {
      log_(log_level::warning, name + ": not reloaded: " + e.what());
    }
  }

  notification& target_;
  log_sink log_;
  std::function<void()> before_exit_;
  std::function<void()> on_reload_;
  std::function<bool()> reopen_;
  signal_rules rules_;
  kept_disposition term_{SIGTERM};
  kept_disposition int_{SIGINT};
  kept_disposition hup_{SIGHUP};
  kept_disposition usr1_{SIGUSR1};
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  std::thread thread_;
};

signal_wait::signal_wait(notification& target, log_sink log,
                         std::function<void()> before_exit,
                         std::function<void()> on_reload,
                         std::function<bool()> reopen)
  : impl_(std::make_unique<impl>(target, std::move(log), std::move(before_exit),
                                 std::move(on_reload), std::move(reopen))) {
  // nop
}

signal_wait::~signal_wait() = default;

class quiet_writes::impl {
public:
  impl() {
    if (pipe_.is(SIG_DFL))
      ::signal(SIGPIPE, SIG_IGN);
    if (size_.is(SIG_DFL))
      ::signal(SIGXFSZ, SIG_IGN);
  }

private:
  kept_disposition pipe_{SIGPIPE};
  kept_disposition size_{SIGXFSZ};
};

quiet_writes::quiet_writes() : impl_(std::make_unique<impl>()) {
  // nop
}

quiet_writes::~quiet_writes() = default;

} // namespace troupe
