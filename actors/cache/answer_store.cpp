#include "troupe/actors/cache/answer_store.hpp"

#include <utility>

namespace troupe {

namespace {

/// The key, a node of the list, one of the map and its bucket, the control
/// block, and what the allocator adds to each.
constexpr std::size_t overhead = 320;

} // namespace

std::size_t kept_answer::bytes() const noexcept {
  auto result =
    sizeof(kept_answer) + overhead + body.capacity() + content_type.capacity();
  for (std::size_t i = 0; i < headers.size(); ++i)
    result += headers[i].name.size() + headers[i].value.size() + 16;
  return result;
}

std::chrono::milliseconds
answer_store::left(const kept_answer& x,
                   deadline_clock::time_point now) const noexcept {
  if (ttl_.count() == 0)
    return std::chrono::milliseconds::max();
  return std::chrono::duration_cast<std::chrono::milliseconds>(x.made + ttl_
                                                               - now);
}

answer_store::answer_ptr answer_store::find(const std::string& key,
                                            deadline_clock::time_point now) {
  auto i = places_.find(key);
  if (i == places_.end())
    return nullptr;
  if (left(*i->second->answer, now).count() <= 0) {
    drop(i->second);
    publish();
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, i->second);
  return i->second->answer;
}

void answer_store::put(const std::string& key, answer_ptr x) {
  const auto size = x->bytes();
  if (auto i = places_.find(key); i != places_.end())
    drop(i->second);
  if (size <= max_bytes_) {
    while (bytes_ + size > max_bytes_) {
      drop(std::prev(entries_.end()));
      counters_->evicted.fetch_add(1, std::memory_order_relaxed);
    }
    entries_.push_front({key, std::move(x)});
    places_.emplace(entries_.front().key, entries_.begin());
    bytes_ += size;
  }
  publish();
}

void answer_store::drop(entry_list::iterator i) {
  bytes_ -= i->answer->bytes();
  places_.erase(i->key);
  entries_.erase(i);
}

void answer_store::publish() noexcept {
  counters_->bytes.store(bytes_, std::memory_order_relaxed);
  counters_->entries.store(entries_.size(), std::memory_order_relaxed);
}

} // namespace troupe
