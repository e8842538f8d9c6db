#include "troupe/actors/spec/running_calls.hpp"

#include <vector>

namespace troupe {

running_calls::place::place(std::shared_ptr<running_calls> owner,
                            std::string name,
                            std::shared_ptr<const stopper> stop)
  : owner_(std::move(owner)), name_(std::move(name)), stop_(std::move(stop)) {
  // nop
}

running_calls::place::~place() {
  if (owner_ == nullptr)
    return;
  std::unique_lock guard{owner_->mutex_};
  auto [first, last] = owner_->calls_.equal_range(name_);
  for (auto i = first; i != last; ++i) {
    if (i->second == stop_) {
      owner_->calls_.erase(i);
      return;
    }
  }
}

running_calls::place running_calls::enter(std::string name, stopper stop) {
  auto shared = std::make_shared<const stopper>(std::move(stop));
  {
    std::unique_lock guard{mutex_};
    calls_.emplace(name, shared);
  }
  return {shared_from_this(), std::move(name), std::move(shared)};
}

std::size_t running_calls::stop(std::string_view name) {
  std::vector<std::shared_ptr<const stopper>> found;
  {
    std::unique_lock guard{mutex_};
    auto [first, last] = calls_.equal_range(std::string{name});
    for (auto i = first; i != last; ++i)
      found.push_back(i->second);
  }
  std::size_t result = 0;
  for (const auto& f : found)
    result += (*f)() ? 1 : 0;
  return result;
}

std::size_t running_calls::size() const {
  std::unique_lock guard{mutex_};
  return calls_.size();
}

} // namespace troupe
