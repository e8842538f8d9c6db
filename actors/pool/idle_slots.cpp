#include "troupe/actors/pool/idle_slots.hpp"

#include <algorithm>

namespace troupe {

void idle_slots::put(std::uint32_t slot, std::uint32_t load, bool remote) {
  erase(slot);
  if (places_.size() <= slot)
    places_.resize(std::size_t{slot} + 1);
  if (levels_.size() <= load)
    levels_.resize(std::size_t{load} + 1);
  auto& x = places_[slot];
  x = {none, none, load, remote, true};
  auto& to = list_of(x);
  if (to.first == none) {
    to.first = slot;
    to.last = slot;
  } else if (remote) {
    x.before = to.last;
    places_[to.last].after = slot;
    to.last = slot;
  } else {
    x.after = to.first;
    places_[to.first].before = slot;
    to.first = slot;
  }
  lowest_ = size_ == 0 ? load : std::min<std::size_t>(lowest_, load);
  ++size_;
}

void idle_slots::erase(std::uint32_t slot) {
  if (slot >= places_.size() || !places_[slot].in)
    return;
  auto& x = places_[slot];
  auto& from = list_of(x);
  (x.before != none ? places_[x.before].after : from.first) = x.after;
  (x.after != none ? places_[x.after].before : from.last) = x.before;
  x.in = false;
  if (--size_ > 0)
    while (levels_[lowest_].empty())
      ++lowest_;
}

std::uint32_t idle_slots::least() const {
  const auto& at = levels_[lowest_];
  return at.local.first != none ? at.local.first : at.remote.first;
}

} // namespace troupe
