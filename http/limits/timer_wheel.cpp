#include "troupe/http/limits/timer_wheel.hpp"

#include <algorithm>

namespace troupe {

timer_wheel::timer_wheel(time_point start) : start_(start), slots_(slot_count) {
  for (auto& r : slots_)
    r.prev_ = r.next_ = &r;
}

/// Rounds up, so that nothing fires early.
std::uint64_t timer_wheel::tick_of(time_point t) const noexcept {
  if (t <= start_)
    return 0;
  auto passed = t - start_;
  return static_cast<std::uint64_t>((passed + granule - clock::duration{1})
                                    / granule);
}

void timer_wheel::unlink(entry& e) noexcept {
  e.prev_->next_ = e.next_;
  e.next_->prev_ = e.prev_;
  e.prev_ = e.next_ = nullptr;
}

void timer_wheel::set(entry& e, time_point due) noexcept {
  clear(e);
  e.due_ = due;
  // What is already due fires at the next advance.
  auto tick = std::max(tick_of(due), now_ + 1);
  entry& head = slots_[tick % slot_count];
  e.prev_ = head.prev_;
  e.next_ = &head;
  head.prev_->next_ = &e;
  head.prev_ = &e;
  ++size_;
}

void timer_wheel::clear(entry& e) noexcept {
  if (!e.armed())
    return;
  unlink(e);
  --size_;
}

void timer_wheel::advance(time_point now) {
  auto passed = now > start_ ? now - start_ : clock::duration::zero();
  auto target = static_cast<std::uint64_t>(passed / granule);
  if (target <= now_)
    return;
  // After a long pause one turn visits every slot.
  auto first = std::max(
    now_ + 1, target - std::min<std::uint64_t>(target, slot_count - 1));
  now_ = target;
  ring due;
  due.prev_ = due.next_ = &due;
  for (auto tick = first; tick <= target; ++tick) {
    entry& head = slots_[tick % slot_count];
    for (auto* e = head.next_; e != &head;) {
      auto* next = e->next_;
      if (e->due_ <= now) {
        unlink(*e);
        e->prev_ = due.prev_;
        e->next_ = &due;
        due.prev_->next_ = e;
        due.prev_ = e;
      }
      e = next;
    }
  }
  while (due.next_ != &due) {
    auto& e = *due.next_;
    unlink(e);
    --size_;
    e.on_timer();
  }
}

std::optional<timer_wheel::time_point> timer_wheel::next() const noexcept {
  if (size_ == 0)
    return std::nullopt;
  // An entry of a later turn makes this too early, never too late.
  for (std::uint64_t i = 1; i <= slot_count; ++i) {
    const auto& head = slots_[(now_ + i) % slot_count];
    if (head.next_ != &head)
      return start_ + granule * static_cast<std::int64_t>(now_ + i);
  }
  return std::nullopt;
}

} // namespace troupe
