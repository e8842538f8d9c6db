#include "troupe/http/server/server_log.hpp"

#include "troupe/actors/runtime_scope.hpp"
#include "troupe/http/observe/join_within.hpp"
#include "troupe/specs/text/log_text.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace troupe {

using clock_type = std::chrono::system_clock;

/// Shared with the thread, which may be left behind.
class server_log::impl {
public:
  impl(log_sink target, limits most)
    : target_(target ? std::move(target) : no_log()),
      stderr_(target_.target<stderr_sink>()),
      most_(most) {
    // nop
  }

  void take(log_level level, std::string_view text) noexcept {
    if (level < least.load(std::memory_order_relaxed))
      return;
    try {
      std::string room;
      text = printable(text, room);
      if (queued(level, text))
        return;
      line x{clock_type::now(), level, std::string{text}};
      runtime_scope theirs{nullptr};
      hand_on(x);
    } catch (...) { // NOLINT(bugprone-empty-catch): no memory for the line
    }
  }

  void begin(const std::shared_ptr<impl>& self) {
    std::unique_lock guard{mutex_};
    if (queueing_)
      return;
    try {
      thread_ = std::thread{[self] { self->run(); }};
      queueing_ = true;
    } catch (const std::system_error&) { // NOLINT(bugprone-empty-catch)
      // No thread can be started.
    }
  }

  bool flush(std::chrono::milliseconds bound) {
    std::unique_lock guard{mutex_};
    return idle_.wait_for(guard, bound, [this] {
      return !queueing_ || (lines_.empty() && untold_ == 0 && !busy_);
    });
  }

  bool end(std::chrono::milliseconds bound) {
    std::unique_lock guard{mutex_};
    if (!thread_.joinable())
      return !queueing_;
    ending_ = true;
    changed_.notify_all();
    return join_within(thread_, guard, idle_, bound,
                       [this] { return !queueing_; });
  }

  std::uint64_t dropped() {
    std::unique_lock guard{mutex_};
    return dropped_;
  }

  std::atomic<log_level> least{log_level::debug};
  log_format format = log_format::text;

private:
  struct line {
    clock_type::time_point when;
    log_level level;
    std::string text;
  };

  /// @returns false when there is no queue now
  bool queued(log_level level, std::string_view text) {
    std::unique_lock guard{mutex_};
    if (!queueing_)
      return false;
    if (lines_.size() >= most_.lines || bytes_ + text.size() > most_.bytes) {
      ++dropped_;
      ++untold_;
      return true;
    }
    lines_.push_back({clock_type::now(), level, std::string{text}});
    bytes_ += text.size();
    changed_.notify_all();
    return true;
  }

  void run() {
    std::unique_lock guard{mutex_};
    std::deque<line> in_hand;
    for (;;) {
      changed_.wait(guard, [this] { return ending_ || !lines_.empty(); });
      if (lines_.empty())
        break;
      in_hand.swap(lines_);
      bytes_ = 0;
      auto lost = std::exchange(untold_, 0);
      busy_ = true;
      guard.unlock();
      for (const auto& x : in_hand)
        hand_on(x);
      in_hand.clear();
      if (lost > 0)
        hand_on({clock_type::now(), log_level::warning,
                 std::to_string(lost)
                   + " log lines dropped: the log is read too slowly"});
      guard.lock();
      busy_ = false;
      idle_.notify_all();
    }
    queueing_ = false;
    ending_ = false;
    idle_.notify_all();
  }

  void hand_on(const line& x) const noexcept {
    try {
      if (stderr_ != nullptr)
        stderr_->write(x.when, x.level, x.text, format);
      else
        target_(x.level, x.text);
    } catch (...) { // NOLINT(bugprone-empty-catch): nobody is left to tell
    }
  }

  log_sink target_;
  /// The target, if it is one that takes the time when a line was logged; else
  /// null.
  const stderr_sink* stderr_;
  limits most_;
  std::mutex mutex_;
  /// For the thread.
  std::condition_variable changed_;
  /// For those that wait for the thread.
  std::condition_variable idle_;
  std::deque<line> lines_;
  /// Of the texts in `lines_`.
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
  /// Those of `dropped_` that no line told of.
  std::uint64_t untold_ = 0;
  bool queueing_ = false;
  bool ending_ = false;
  /// Whether the thread is inside the sink.
  bool busy_ = false;
  std::thread thread_;
};

server_log::server_log(log_sink target, limits most)
  : impl_(std::make_shared<impl>(std::move(target), most)) {
  // nop
}

server_log::~server_log() {
  end(std::chrono::milliseconds{0});
}

void server_log::level(log_level least) noexcept {
  impl_->least.store(least, std::memory_order_relaxed);
}

log_level server_log::level() const noexcept {
  return impl_->least.load(std::memory_order_relaxed);
}

void server_log::format(log_format x) noexcept {
  impl_->format = x;
}

log_sink server_log::sink() const {
  return [x = impl_](log_level level, std::string_view text) {
    x->take(level, text);
  };
}

void server_log::begin() {
  impl_->begin(impl_);
}

bool server_log::flush(std::chrono::milliseconds bound) const {
  return impl_->flush(bound);
}

bool server_log::end(std::chrono::milliseconds bound) {
  return impl_->end(bound);
}

std::uint64_t server_log::dropped() const {
  return impl_->dropped();
}

} // namespace troupe
