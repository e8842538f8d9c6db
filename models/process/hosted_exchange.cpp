#include "troupe/models/process/hosted_exchange.hpp"

#include <utility>

namespace troupe {

hosted_exchange::hosted_exchange(frame_channel& channel, worker::call x,
                                 std::function<void(std::uint64_t)> ended)
  : channel_(&channel), id_(x.id), on_end_(std::move(ended)) {
  request = std::move(x.request);
  request_id = std::move(x.request_id);
  trace.context = std::move(x.trace);
  const auto now = deadline_clock::now();
  time.begin(now, {});
  if (x.remaining)
    time.lower_deadline(now + *x.remaining);
}

void hosted_exchange::add_credit(std::uint64_t items) {
  std::function<void()> end;
  std::shared_ptr<hosted_exchange> self;
  {
    std::unique_lock guard{mutex_};
    credit_ += items;
    while (credit_ > 0 && !held_.empty()) {
      auto item = std::move(held_.front());
      held_.pop_front();
      send_item(std::move(item));
    }
    if (held_.empty()) {
      end = std::exchange(held_end_, nullptr);
      self = std::move(self_);
    }
    changed_.notify_all();
  }
  if (end)
    end();
}

void hosted_exchange::cancel() noexcept {
  exchange::cancel();
  std::function<void()> end;
  std::shared_ptr<hosted_exchange> self;
  {
    std::unique_lock guard{mutex_};
    held_.clear();
    end = std::exchange(held_end_, nullptr);
    self = std::move(self_);
    changed_.notify_all();
  }
  if (end)
    end();
}

bool hosted_exchange::congested() const noexcept {
  std::unique_lock guard{mutex_};
  return credit_ == 0;
}

/// @pre locked, and there is credit
void hosted_exchange::send_item(payload item) {
  --credit_;
  std::string kept;
  channel_->send(worker::item_frame(id_, std::move(item), kept));
}

flow hosted_exchange::do_write(payload item) {
  std::unique_lock guard{mutex_};
  if (waits)
    // The server gives credit, or cancels, in bounded time.
    changed_.wait(guard, [this] { return credit_ > 0 || cancelled(); });
  if (cancelled())
    return flow::cancelled;
  if (credit_ > 0 && held_.empty())
    send_item(std::move(item));
  else
    held_.push_back(std::move(item));
  return credit_ == 0 ? flow::full : flow::ok;
}

void hosted_exchange::end_with(std::function<void()> send) {
  {
    std::unique_lock guard{mutex_};
    if (!held_.empty() && !cancelled()) {
      held_end_ = std::move(send);
      self_ = weak_from_this().lock();
      return;
    }
  }
  send();
}

void hosted_exchange::do_finish(reply answer) {
  end_with([this, x = std::make_shared<reply>(std::move(answer))] {
    std::string kept;
    channel_->send(worker::finish_frame(id_, std::move(*x), kept));
    on_end_(id_);
  });
}

void hosted_exchange::do_fail(failure why) {
  end_with([this, why = std::move(why)] {
    channel_->send(worker::fail_frame(id_, why));
    on_end_(id_);
  });
}

} // namespace troupe
