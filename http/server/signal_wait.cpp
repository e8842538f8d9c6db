#include "troupe/http/server/signal_wait.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

namespace troupe {

class signal_wait::impl {
public:
  impl(notification& target, const log_sink& log)
    : target_(target), log_(log), signals_(context_, SIGTERM, SIGINT) {
    wait();
    thread_ = std::thread{[this] { context_.run(); }};
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
      std::string name = n == SIGTERM ? "SIGTERM" : "SIGINT";
      if (seen_) {
        log_(log_level::warning, name + " again: ending at once");
        std::_Exit(128 + n);
      }
      seen_ = true;
      log_(log_level::info, name + ": shutting down; once more ends at once");
      target_.notify();
      wait();
    });
  }

  notification& target_;
  log_sink log_;
  bool seen_ = false;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_;
  std::thread thread_;
};

signal_wait::signal_wait(notification& target, const log_sink& log)
  : impl_(std::make_unique<impl>(target, log)) {
  // nop
}

signal_wait::~signal_wait() = default;

} // namespace troupe
