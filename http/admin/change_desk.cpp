#include "troupe/http/admin/change_desk.hpp"

#include <utility>

namespace troupe {

namespace {

[[noreturn]] void refuse_at_end() {
  throw change_refused(change_refused::reason::stopping,
                       "the server is stopping and takes no more changes");
}

} // namespace

change_desk::turn::turn(turn&& other) noexcept
  : desk_(std::exchange(other.desk_, nullptr)) {
  // nop
}

change_desk::turn::~turn() {
  if (desk_ != nullptr)
    desk_->give_back();
}

change_desk::turn change_desk::take(std::string what,
                                    std::chrono::milliseconds patience) {
  std::unique_lock guard{mutex_};
  const auto came =
    changed_.wait_for(guard, patience, [this] { return !taken_ || closed_; });
  if (closed_)
    refuse_at_end();
  if (!came)
    throw change_refused(change_refused::reason::busy,
                         "another change runs: " + what_
                           + "; try again when it is done");
  taken_ = true;
  what_ = std::move(what);
  return turn{*this};
}

bool change_desk::close(std::chrono::milliseconds timeout) {
  std::unique_lock guard{mutex_};
  closed_ = true;
  changed_.notify_all();
  return changed_.wait_for(guard, timeout, [this] { return !taken_; });
}

bool change_desk::closed() const {
  std::unique_lock guard{mutex_};
  return closed_;
}

std::string change_desk::current() const {
  std::unique_lock guard{mutex_};
  return taken_ ? what_ : std::string{};
}

void change_desk::give_back() noexcept {
  std::unique_lock guard{mutex_};
  taken_ = false;
  changed_.notify_all();
}

} // namespace troupe
