#include "troupe/http/server/front_threads.hpp"

#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/http/front/front.hpp"
#include "troupe/http/start_error.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <future>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace troupe {

namespace {

using std::chrono::milliseconds;

/// For threads and actors that have nothing else to do yet.
constexpr milliseconds start_timeout{10'000};

/// For a thread to answer at the end of a drain.
constexpr milliseconds thread_patience{200};

/// How long a stop waits for the ends of handshakes that have begun. The kernel
/// does its part of one within microseconds, unless the machine is very busy.
constexpr milliseconds last_handshakes{5};

/// For answers to control messages.
constexpr milliseconds fronts_stop_timeout{2'000};

} // namespace

front_threads::front_threads(caf::actor_system& sys,
                             const std::shared_ptr<front_shared>& shared)
  : system_(sys) {
  const auto& options = shared->options;
  for (std::uint32_t i = 0; i < options.io_threads; ++i)
    threads_.push_back(std::make_shared<io_thread>(sys, shared, i));
  listener_ = std::make_shared<listener>(threads_);
  listener_->bind(options.host, options.port);
  try {
    for (auto& t : threads_)
      t->start();
  } catch (const std::system_error& e) {
    for (auto& t : threads_)
      t->stop();
    throw start_error(std::string{"cannot start an I/O thread: "} + e.what());
  }
}

front_threads::~front_threads() {
  stop();
}

std::size_t front_threads::stop() {
  if (std::exchange(stopped_, true))
    return left_behind_;
  tell_all(atom::stop_v, fronts_stop_timeout);
  if (!fronts_.empty()) {
    caf::scoped_actor self{system_, true};
    for (const auto& x : fronts_)
      self->send_exit(x, caf::exit_reason::user_shutdown);
    for (const auto& x : fronts_)
      wait_for_end(self, x, fronts_stop_timeout);
  }
  for (auto& t : threads_)
    left_behind_ += t->stop() ? 0 : 1;
  return left_behind_;
}

void front_threads::replace_stuck() {
  for (auto& t : threads_)
    t->replace_if_stuck(thread_patience);
}

std::vector<unit_ptr> front_threads::homes() const {
  std::vector<unit_ptr> result;
  for (const auto& t : threads_)
    result.push_back(t->home());
  return result;
}

void front_threads::open(const runtime& rt) {
  caf::scoped_actor self{system_, true};
  auto must_answer = [](const caf::error& e) {
    throw start_error("an I/O thread did not start: " + text_of(e));
  };
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    const auto& thread = threads_[i];
    thread->router(rt.io_routers()[i]);
    fronts_.push_back(
      spawn_placed(system_, placement{thread->home()}, front,
                   front_config{thread, i == 0 ? listener_ : nullptr}));
    rt.guard_front(fronts_.back());
    self->request(rt.table(), start_timeout, atom::join_v, fronts_.back())
      .receive([](atom::ready) {}, must_answer);
  }
  self->request(fronts_.front(), start_timeout, atom::accept_v)
    .receive([](atom::ready) {}, must_answer);
}

template <class Atom>
bool front_threads::tell_all(Atom what, milliseconds timeout) {
  auto result = true;
  caf::scoped_actor self{system_, true};
  // All at once, then one after the other: the time runs for all.
  std::vector<decltype(self->request(fronts_.front(), timeout, what))> answers;
  for (const auto& x : fronts_)
    answers.push_back(self->request(x, timeout, what));
  for (auto& x : answers)
    x.receive([](atom::drained) {}, [&](const caf::error&) { result = false; });
  return result;
}

void front_threads::begin_draining() noexcept {
  for (const auto& t : threads_)
    t->begin_draining();
}

/// Before any thread closes what is idle: what waits in the kernel becomes a
/// connection of some thread first, by a handler that is queued there.
bool front_threads::stop_accepting(milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  auto on_first_thread = [&](auto f) {
    auto done = std::make_shared<std::promise<void>>();
    auto ready = done->get_future();
    boost::asio::post(threads_.front()->context(), [l = listener_, done, f] {
      f(*l, [done] { done->set_value(); });
    });
    return ready.wait_until(end) == std::future_status::ready;
  };
  if (std::exchange(accepts_, false)) {
    auto deafen = [](listener& l, const auto& done) {
      l.deafen();
      done();
    };
    if (!on_first_thread(deafen))
      return false;
    std::this_thread::sleep_for(std::min(timeout, last_handshakes));
  }
  return on_first_thread([](listener& l, const auto& done) { l.stop(done); });
}

bool front_threads::quiesce(milliseconds timeout) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + timeout;
  if (!stop_accepting(timeout))
    return false;
  timeout = std::max(std::chrono::ceil<milliseconds>(end - clock::now()),
                     milliseconds{0});
  return tell_all(atom::quiesce_v, timeout);
}

} // namespace troupe
