#include "troupe/models/process/worker_inbox.hpp"

#include <array>
#include <cstdlib>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

namespace troupe {

namespace {

using std::chrono::milliseconds;

/// A call that is longer than this is watched.
constexpr milliseconds short_call{5};

void put(int fd) noexcept {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(fd, &one, sizeof(one)));
}

void clear(int fd) noexcept {
  std::uint64_t ignored = 0;
  static_cast<void>(!::read(fd, &ignored, sizeof(ignored)));
}

} // namespace

worker_inbox::worker_inbox(frame_channel& channel)
  : channel_(&channel),
    wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
    timer_fd_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC)),
    watch_end_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
    watcher_([this] { watch(); }) {
  // nop
}

worker_inbox::~worker_inbox() {
  quits_ = true;
  set_timer(std::chrono::nanoseconds{1});
  put(watch_end_fd_.get());
  watcher_.join();
}

std::optional<worker::start_message> worker_inbox::wait_for_start() {
  std::unique_lock guard{read_mutex_};
  for (;;) {
    if (auto frame = channel_->next()) {
      if (frame->type() != "start")
        throw worker::protocol_error("the first frame is not a start");
      return read_start(*frame);
    }
    wait_readable(channel_->fd(), -1, std::nullopt);
    if (channel_->receive() == frame_channel::received::end)
      return std::nullopt;
  }
}

worker_inbox::work
worker_inbox::take(std::optional<std::chrono::milliseconds> timeout) {
  auto take_pending = [this](work& out) {
    std::unique_lock guard{mutex_};
    out = std::exchange(pending_, {});
    out.stop = out.stop || ended_;
    return out.stop || out.health || !out.calls.empty() || !out.jobs.empty();
  };
  work result;
  std::unique_lock reading{read_mutex_};
  if (take_pending(result))
    return result;
  wait_readable(channel_->fd(), wake_fd_.get(), timeout);
  clear(wake_fd_.get());
  read();
  take_pending(result);
  return result;
}

void worker_inbox::post(std::function<void()> f) {
  {
    std::unique_lock guard{mutex_};
    pending_.jobs.push_back(std::move(f));
  }
  put(wake_fd_.get());
}

// -- reading ------------------------------------------------------------------

bool worker_inbox::read() {
  const auto got = channel_->receive();
  while (auto frame = channel_->next())
    handle(*frame);
  if (got != frame_channel::received::end)
    return true;
  std::unique_lock guard{mutex_};
  ended_ = true;
  return false;
}

std::shared_ptr<hosted_exchange> worker_inbox::find(std::uint64_t id) {
  std::unique_lock guard{mutex_};
  auto i = open_.find(id);
  return i != open_.end() ? i->second.lock() : nullptr;
}

void worker_inbox::handle(const worker::incoming_frame& x) {
  const auto& type = x.type();
  if (type == "call") {
    std::vector<exchange_ptr> batch;
    for (auto& call : read_calls(x)) {
      const auto id = call.id;
      auto ex = make_sink<hosted_exchange>(*channel_, std::move(call),
                                           [this](std::uint64_t ended) {
                                             std::unique_lock guard{mutex_};
                                             open_.erase(ended);
                                           });
      std::unique_lock guard{mutex_};
      open_.emplace(id, ex);
      guard.unlock();
      batch.push_back(std::move(ex));
    }
    std::unique_lock guard{mutex_};
    pending_.calls.push_back(std::move(batch));
  } else if (type == "cancel") {
    if (auto ex = find(worker::number_of(x.header(), "id")))
      ex->cancel();
  } else if (type == "credit") {
    if (auto ex = find(worker::number_of(x.header(), "id")))
      ex->add_credit(worker::number_of(x.header(), "items"));
  } else if (type == "health") {
    std::unique_lock guard{mutex_};
    pending_.health = true;
  } else if (type == "stop") {
    std::unique_lock guard{mutex_};
    pending_.stop = true;
  } else {
    throw worker::protocol_error("a frame of the type " + type);
  }
}

// -- while the model's thread is busy -----------------------------------------

void worker_inbox::set_timer(std::chrono::nanoseconds after) const noexcept {
  itimerspec when{};
  when.it_value.tv_nsec = after.count();
  ::timerfd_settime(timer_fd_.get(), 0, &when, nullptr);
}

worker_inbox::busy_time::busy_time(worker_inbox& inbox) : inbox_(&inbox) {
  inbox_->busy_ = true;
  inbox_->set_timer(short_call);
}

worker_inbox::busy_time::~busy_time() {
  inbox_->set_timer(std::chrono::nanoseconds{0});
  inbox_->busy_ = false;
  if (inbox_->watching_)
    put(inbox_->watch_end_fd_.get());
}

void worker_inbox::watch() {
  while (!quits_) {
    clear(timer_fd_.get());
    std::unique_lock reading{read_mutex_};
    watching_ = true;
    while (busy_ && !quits_) {
      std::array<pollfd, 2> fds{pollfd{channel_->fd(), POLLIN, 0},
                                pollfd{watch_end_fd_.get(), POLLIN, 0}};
      ::poll(fds.data(), fds.size(), -1);
      if (fds[1].revents != 0)
        clear(watch_end_fd_.get());
      try {
        // Nobody is left to answer to, and the model may never return.
        if (fds[0].revents != 0 && !read())
          ::_exit(0);
      } catch (const std::exception&) {
        ::_exit(1);
      }
    }
    watching_ = false;
  }
}

} // namespace troupe
