#include "troupe/http/observe/access/access_log.hpp"

#include "troupe/http/observe/access/line_file.hpp"
#include "troupe/http/observe/access/line_ring.hpp"
#include "troupe/http/observe/join_within.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

/// Between two looks while records keep coming: waking up for each would cost
/// more than its line.
constexpr milliseconds access_rest{20};

/// How often the log tells of lines that were dropped.
constexpr std::chrono::seconds telling{60};

/// Of one thread that puts records.
struct access_lane {
  line_ring ring;
  utc_text stamp;
};

} // namespace

/// Shared with the thread, which may be left behind.
class access_log::impl {
public:
  impl(const log_options& options, std::size_t lanes, log_sink log)
    : format_(options.format),
      has_file_(!options.access.file.empty()),
      out_(options.access.file),
      log_(std::move(log)) {
    for (std::size_t i = 0; i < lanes; ++i)
      lanes_.push_back(std::make_unique<access_lane>());
    look_at_clock();
  }

  void begin(const std::shared_ptr<impl>& self) {
    thread_ = std::thread{[self] { self->run(); }};
  }

  void put(std::size_t lane, const access_record& x) noexcept {
    auto& to = *lanes_[lane % lanes_.size()];
    auto* room = to.ring.room();
    if (room == nullptr) {
      on_full();
      return;
    }
    std::size_t n = 0;
    try {
      n = write_line(room, x, to.stamp.of(wall_time(x.arrived)), format_);
    } catch (...) {
      // No memory for a line that needs some.
      on_full();
      return;
    }
    const auto waiting = to.ring.put(n);
    constexpr auto half = line_ring::capacity / 2;
    if (asleep_.load(std::memory_order_seq_cst)) {
      look_at_clock();
      wake();
    } else if (waiting >= half && waiting - n < half) {
      wake();
    }
  }

  bool reopen() {
    if (!has_file_)
      return false;
    reopen_ = true;
    wake();
    return true;
  }

  bool end(milliseconds bound) {
    std::unique_lock guard{mutex_};
    if (!thread_.joinable())
      return ended_;
    ending_ = true;
    changed_.notify_all();
    return join_within(thread_, guard, done_, bound, [this] { return ended_; });
  }

  [[nodiscard]] std::uint64_t dropped() const noexcept {
    return dropped_.load(std::memory_order_relaxed);
  }

private:
  /// A change of the wall clock is seen from the next look on.
  void look_at_clock() noexcept {
    ahead_.store(system_clock::now().time_since_epoch()
                   - std::chrono::duration_cast<system_clock::duration>(
                     steady_clock::now().time_since_epoch()),
                 std::memory_order_relaxed);
  }

  [[nodiscard]] system_clock::time_point
  wall_time(steady_clock::time_point x) const noexcept {
    return system_clock::time_point{
      ahead_.load(std::memory_order_relaxed)
      + std::chrono::duration_cast<system_clock::duration>(
        x.time_since_epoch())};
  }

  void wake() noexcept {
    std::unique_lock guard{mutex_};
    woken_ = true;
    changed_.notify_all();
  }

  void on_full() noexcept {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    if (full_.exchange(true, std::memory_order_relaxed))
      return;
    // The thread cannot tell: it waits in its write.
    log_(log_level::warning,
         "access log: lines are dropped, it is read or written too slowly");
  }

  void run() {
    std::unique_lock guard{mutex_};
    for (;;) {
      asleep_.store(true, std::memory_order_seq_cst);
      if (all_empty())
        changed_.wait(
          guard, [this] { return ending_ || std::exchange(woken_, false); });
      asleep_.store(false, std::memory_order_relaxed);
      const auto last = ending_;
      guard.unlock();
      write_all();
      guard.lock();
      if (last)
        break;
      changed_.wait_for(guard, access_rest, [this] {
        return ending_ || std::exchange(woken_, false);
      });
    }
    ended_ = true;
    done_.notify_all();
  }

  [[nodiscard]] bool all_empty() const noexcept {
    for (const auto& x : lanes_)
      if (!x->ring.empty())
        return false;
    return !reopen_.load(std::memory_order_relaxed);
  }

  void write_all() {
    if (reopen_.exchange(false)) {
      auto what = out_.reopen();
      if (what.empty())
        log_(log_level::info, "access log: opened again");
      else
        log_(log_level::error, "access log: " + what);
    }
    look_at_clock();
    for (const auto& lane : lanes_)
      lane->ring.take([this](std::string_view lines) { write(lines); });
    tell(steady_clock::now());
  }

  void write(std::string_view lines) {
    const auto lost = out_.write(lines);
    if (lost == 0)
      return;
    dropped_.fetch_add(lost, std::memory_order_relaxed);
    loss_.error = out_.error();
  }

  void tell(steady_clock::time_point now) {
    const auto n = dropped();
    if (n == loss_.told || (loss_.told > 0 && now < loss_.next))
      return;
    loss_.next = now + telling;
    full_.store(false, std::memory_order_relaxed);
    log_(log_level::warning,
         "access log: " + std::to_string(n - std::exchange(loss_.told, n))
           + " lines dropped"
           + (loss_.error.empty() ? std::string{}
                                  : ", cannot write: " + loss_.error));
    loss_.error.clear();
  }

  log_format format_;
  bool has_file_;
  /// For the thread, as is `loss_`.
  line_file out_;
  log_sink log_;
  std::vector<std::unique_ptr<access_lane>> lanes_;
  /// What the log was told of lines that were dropped, and may be told next.
  struct {
    std::string error;
    std::uint64_t told = 0;
    steady_clock::time_point next{};
  } loss_;

  /// The wall clock before the steady one.
  std::atomic<system_clock::duration> ahead_{};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<bool> full_{false};
  std::atomic<bool> asleep_{false};
  std::atomic<bool> reopen_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable done_;
  bool woken_ = false;
  bool ending_ = false;
  bool ended_ = false;
  std::thread thread_;
};

access_log::access_log(const log_options& options, std::size_t lanes,
                       log_sink log)
  : impl_(std::make_shared<impl>(options, lanes, std::move(log))) {
  impl_->begin(impl_);
}

access_log::~access_log() {
  end(milliseconds{0});
}

void access_log::put(std::size_t lane, const access_record& x) noexcept {
  impl_->put(lane, x);
}

bool access_log::reopen() {
  return impl_->reopen();
}

bool access_log::end(milliseconds bound) {
  return impl_->end(bound);
}

std::uint64_t access_log::dropped() const noexcept {
  return impl_->dropped();
}

} // namespace troupe
