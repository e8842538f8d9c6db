#pragma once

#include "troupe/specs/exchange/exchange.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace troupe {

/// Keeps the answer for a test to look at. Made by
/// `make_sink<recording_exchange>()`. The public members may be read once
/// `wait` returned true; `items` is complete then.
class recording_exchange : public exchange {
public:
  std::optional<reply> answer;
  std::optional<failure> error;
  std::vector<payload> items;

  /// Waits for the end, be it an answer or a failure.
  /// @returns false when it did not come in time.
  bool wait(std::chrono::milliseconds timeout) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, timeout, [this] { return done_; });
  }

  /// Waits for the first `n` items of a stream.
  bool wait_for_items(std::size_t n, std::chrono::milliseconds timeout) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, timeout,
                             [this, n] { return items.size() >= n; });
  }

protected:
  flow do_write(payload item) override {
    std::lock_guard guard{mutex_};
    items.push_back(std::move(item));
    changed_.notify_all();
    return cancelled() ? flow::cancelled : flow::ok;
  }

  void do_finish(reply x) override {
    std::lock_guard guard{mutex_};
    answer = std::move(x);
    done_ = true;
    changed_.notify_all();
  }

  void do_fail(failure x) override {
    std::lock_guard guard{mutex_};
    error = std::move(x);
    done_ = true;
    changed_.notify_all();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
};

} // namespace troupe
