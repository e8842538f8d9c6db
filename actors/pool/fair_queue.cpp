#include "troupe/actors/pool/fair_queue.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace troupe {

namespace {

/// So that the smallest tag is on top of the heap.
constexpr auto later = [](const auto* lhs, const auto* rhs) {
  return lhs->tag > rhs->tag;
};

/// Clients that have nothing waiting are remembered up to this many, for their
/// tags.
constexpr std::size_t most_idle_clients = 1024;

} // namespace

// -- one urgency --------------------------------------------------------------

fair_queue::flow& fair_queue::level::flow_of(const queue_position& x) {
  auto& result = x.client.empty() ? main : others[x.client];
  if (result.items.empty())
    result.weight = x.weight;
  return result;
}

template <class Level>
auto fair_queue::level::find(Level& in, const queue_position& x)
  -> decltype(&in.main) {
  if (x.client.empty())
    return &in.main;
  auto i = in.others.find(x.client);
  return i != in.others.end() ? &i->second : nullptr;
}

void fair_queue::level::push(item x, const queue_position& at) {
  auto& to = flow_of(at);
  if (to.items.empty()) {
    to.tag = std::max(to.tag, now);
    weights += to.weight;
    heap.push_back(&to);
    std::push_heap(heap.begin(), heap.end(), later);
  }
  to.items.push_back(std::move(x));
  ++size;
}

fair_queue::item fair_queue::level::pop() {
  auto& from = *heap.front();
  std::pop_heap(heap.begin(), heap.end(), later);
  auto result = std::move(from.items.front());
  from.items.pop_front();
  --size;
  now = from.tag;
  from.tag += 1 / from.weight;
  if (!from.items.empty()) {
    std::push_heap(heap.begin(), heap.end(), later);
    return result;
  }
  heap.pop_back();
  leave(from);
  if (others.size() > most_idle_clients + heap.size())
    forget_idle_clients();
  return result;
}

fair_queue::item fair_queue::level::evict(const queue_position* newcomer) {
  // Most often it is the newcomer's own: nobody needs to be looked for.
  auto* victim = newcomer != nullptr ? find(*this, *newcomer) : nullptr;
  if (victim == nullptr
      || victim->share() * weights < static_cast<double>(size))
    victim = *std::max_element(heap.begin(), heap.end(),
                               [](const auto* lhs, const auto* rhs) {
                                 return lhs->share() < rhs->share();
                               });
  auto result = std::move(victim->items.back());
  victim->items.pop_back();
  if (victim->items.empty())
    repair(1);
  else
    --size;
  return result;
}

/// Takes out the weight of a client that has nothing waiting any more.
void fair_queue::level::leave(const flow& x) {
  // Rounding of fractions leaves a remainder.
  weights = size == 0 ? 0 : weights - x.weight;
}

void fair_queue::level::repair(std::size_t gone) {
  size -= gone;
  std::erase_if(heap, [this](const flow* x) {
    if (!x->items.empty())
      return false;
    leave(*x);
    return true;
  });
  std::make_heap(heap.begin(), heap.end(), later);
}

void fair_queue::level::forget_idle_clients() {
  std::erase_if(others, [](const auto& x) { return x.second.items.empty(); });
}

// -- all of them --------------------------------------------------------------

void fair_queue::push(item x, const queue_position& at) {
  levels_[at.urgency].push(std::move(x), at);
  ++size_;
}

void fair_queue::push_front(item x) {
  front_.push_front(std::move(x));
  ++size_;
}

const fair_queue::item& fair_queue::front() const {
  assert(size_ > 0);
  if (!front_.empty())
    return front_.front();
  const auto* first = std::find_if(levels_.begin(), levels_.end(),
                                   [](const level& x) { return x.size > 0; });
  return first->heap.front()->items.front();
}

fair_queue::item fair_queue::pop() {
  assert(size_ > 0);
  --size_;
  if (!front_.empty()) {
    auto result = std::move(front_.front());
    front_.pop_front();
    return result;
  }
  auto* first = std::find_if(levels_.begin(), levels_.end(),
                             [](const level& x) { return x.size > 0; });
  return first->pop();
}

fair_queue::time_point fair_queue::oldest() const {
  assert(size_ > 0);
  auto result = time_point::max();
  for (const auto& x : front_)
    result = std::min(result, x.since);
  for (const auto& level : levels_)
    for (const auto* x : level.heap)
      result = std::min(result, x->items.front().since);
  return result;
}

std::size_t fair_queue::ahead_of(const queue_position& x) const {
  auto result = static_cast<double>(front_.size());
  for (std::size_t i = 0; i < x.urgency; ++i)
    result += static_cast<double>(levels_[i].size);
  const auto& own = levels_[x.urgency];
  const auto* same = level::find(own, x);
  const auto before =
    same != nullptr ? static_cast<double>(same->items.size()) : 0;
  // Each turn of its client lets the others have turns, by their weights.
  const auto others = own.weights - (before > 0 ? same->weight : 0);
  const auto turns = before + (before + 1) * others / x.weight;
  result += std::min(turns, static_cast<double>(own.size));
  return static_cast<std::size_t>(std::llround(result));
}

fair_queue::item fair_queue::evict(const queue_position& newcomer) {
  auto last = std::find_if(levels_.rbegin(), levels_.rend(),
                           [](const level& x) { return x.size > 0; });
  assert(last != levels_.rend());
  const auto is_own = &*last == &levels_[newcomer.urgency];
  --size_;
  return last->evict(is_own ? &newcomer : nullptr);
}

} // namespace troupe
