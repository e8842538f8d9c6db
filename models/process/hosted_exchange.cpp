#include "troupe/models/process/hosted_exchange.hpp"

#include <utility>

namespace troupe {

namespace {

/// Lets an item be the text that is sent. @returns its size in bytes
std::size_t as_text(payload& item) {
  if (item.empty())
    return 0;
  const auto is_json = item.is_json();
  auto type = is_json ? std::string{} : std::string{item.content_type()};
  auto text = std::move(item).take_text();
  const auto result = text.size();
  item = is_json ? payload{payload::json_text{std::move(text)}}
                 : payload{std::move(text), std::move(type)};
  return result;
}

} // namespace

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
    held_.add_credit(items);
    while (auto item = held_.next())
      send_item(std::move(*item));
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
  return !held_.has_credit();
}

/// @pre locked, and its credit is taken
void hosted_exchange::send_item(payload item) {
  std::string kept;
  channel_->send(worker::item_frame(id_, std::move(item), kept));
}

flow hosted_exchange::do_write(payload item) {
  std::unique_lock guard{mutex_};
  if (waits)
    // The server gives credit, or cancels, in bounded time.
    changed_.wait(guard, [this] { return held_.has_credit() || cancelled(); });
  if (cancelled())
    return flow::cancelled;
  std::size_t bytes = 0;
  if (!held_.has_credit())
    bytes = as_text(item);
  switch (held_.add(item, bytes)) {
    case held_items<payload>::verdict::send:
      send_item(std::move(item));
      break;
    case held_items<payload>::verdict::held:
      break;
    case held_items<payload>::verdict::too_much: {
      guard.unlock();
      auto why = make_failure(errc::internal);
      why.detail = "The reader is too far behind";
      abandon(std::move(why));
      return flow::cancelled;
    }
  }
  return held_.has_credit() ? flow::ok : flow::full;
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
