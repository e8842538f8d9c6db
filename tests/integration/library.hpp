#pragma once

#include "troupe/http/server.hpp"
#include "troupe/tests/support/http_client.hpp"
#include "troupe/tests/support/program.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

namespace troupe {

using nlohmann::json;

/// On a free port; short to stop.
inline server_options test_options() {
  server_options result;
  result.port = 0;
  result.shutdown.drain_timeout = std::chrono::milliseconds{10'000};
  return result;
}

/// A server that says nothing.
class quiet_server : public server {
public:
  explicit quiet_server(server_options options = test_options())
    : server(std::move(options), no_log()) {
    // nop
  }

  [[nodiscard]] http_response fetch(std::string_view path) const {
    return http_client{port()}.get(path);
  }

  [[nodiscard]] http_response post_to(std::string_view path,
                                      const std::string& body) const {
    return http_client{port()}.post(path, body);
  }

  [[nodiscard]] bool starts() {
    start();
    return wait_ready();
  }
};

inline model_options named(std::string name, std::string path = "/predict") {
  model_options result;
  result.name = std::move(name);
  result.predict = std::move(path);
  return result;
}

struct square {
  double predict(double x) {
    return x * x;
  }
};

/// Holds handlers and models until the test opens it.
class gate {
public:
  void open() {
    std::unique_lock guard{mutex_};
    open_ = true;
    changed_.notify_all();
  }

  void pass() {
    std::unique_lock guard{mutex_};
    ++waiting_;
    changed_.notify_all();
    changed_.wait(guard, [this] { return open_; });
  }

  /// Waits until `n` have come to the gate.
  bool reached(int n) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, std::chrono::seconds{30},
                             [&] { return waiting_ >= n; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int waiting_ = 0;
  bool open_ = false;
};

} // namespace troupe
