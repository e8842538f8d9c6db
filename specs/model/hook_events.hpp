#pragma once

#include "troupe/specs/model/callback.hpp"
#include "troupe/specs/model/model.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace troupe {

/// One of the events of `callback` around a hook.
using hook_event = void (callback::*)(const hook_call&);

/// Calls a hook of a worker's model between two events. `after` is told in
/// every case, also when the hook throws. Costs one test when nobody listens.
template <class F>
decltype(auto) observed(const worker_slot& slot,
                        std::span<const request* const> requests,
                        hook_event before, hook_event after, F&& f) {
  if (slot.callbacks == nullptr) [[likely]]
    return f();
  hook_call call;
  call.model = slot.model;
  call.worker = slot.index;
  call.requests = requests;
  auto tell = [&slot, &call](hook_event what) {
    notify(slot.callbacks, slot.log, [&](callback& x) { (x.*what)(call); });
  };
  tell(before);
  struct teller {
    decltype(tell)& tell_after;
    hook_call& call;
    hook_event after;
    std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();
    int pending = std::uncaught_exceptions();
    ~teller() {
      call.duration = std::chrono::steady_clock::now() - start;
      call.failed = std::uncaught_exceptions() > pending;
      tell_after(after);
    }
  } guard{tell, call, after};
  return f();
}

/// A `predict` that goes on after the hook has returned: a sequence, or a
/// promise. Tells of its beginning when it is made, and of its end once: by
/// `end`, or when it is dropped. May outlive the model. Holds nothing when
/// nobody listens.
class open_predict {
public:
  open_predict() = default;

  open_predict(const worker_slot& slot, const exchange_ptr& ex) {
    if (slot.callbacks == nullptr) [[likely]]
      return;
    call_.reset(new call{slot.callbacks, slot.log, slot.model, slot.index, ex,
                         std::chrono::steady_clock::now()});
    tell(*call_, &callback::on_before_predict, {});
  }

  open_predict(open_predict&&) noexcept = default;

  open_predict& operator=(open_predict&& other) noexcept {
    if (this != &other) {
      end();
      call_ = std::move(other.call_);
    }
    return *this;
  }

  ~open_predict() {
    end();
  }

  void end(bool failed = false) noexcept {
    if (auto x = std::exchange(call_, nullptr)) {
      hook_call args;
      args.duration = std::chrono::steady_clock::now() - x->start;
      args.failed = failed;
      tell(*x, &callback::on_after_predict, args);
    }
  }

private:
  struct call {
    callback_list callbacks;
    log_sink log;
    std::string model;
    std::uint32_t worker;
    exchange_ptr ex;
    std::chrono::steady_clock::time_point start;
  };

  static void tell(const call& x, hook_event what, hook_call args) noexcept {
    const std::array<const request*, 1> requests{&x.ex->request};
    args.model = x.model;
    args.worker = x.worker;
    args.requests = requests;
    notify(x.callbacks, x.log, [&](callback& y) { (y.*what)(args); });
  }

  std::unique_ptr<call> call_;
};

} // namespace troupe
