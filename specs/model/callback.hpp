#pragma once

#include "troupe/specs/fwd.hpp"
#include "troupe/specs/text/log.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// One call of a hook, as `callback` hears of it. A view, valid during the
/// call.
struct hook_call {
  std::string_view model = {};
  /// The number of the worker in its pool, from 0.
  std::uint32_t worker = 0;
  /// The requests that the hook works for: none for `setup`, several for a
  /// batch.
  std::span<const request* const> requests = {};
  /// How long the hook took; zero before it.
  std::chrono::nanoseconds duration{0};
  /// Whether the hook threw.
  bool failed = false;
};

/// Hears what happens around requests; derive and override what you need.
/// Shared by all workers: members are called from their threads and from the
/// I/O threads, possibly at once, and should not wait. What they throw is
/// logged and has no effect.
///
/// Every "before" is followed by exactly one "after". In a stream,
/// `encode_response` is called for each item, the others once. `predict` of
/// continuous batching lasts from `admit` to the end of its sequence, that of a
/// promise to its `finish` or `fail`; a promise that is dropped tells of its
/// end on the thread that drops it.
class callback {
public:
  virtual ~callback() = default;

  virtual void on_before_setup(const hook_call&) {
  }
  virtual void on_after_setup(const hook_call&) {
  }
  virtual void on_before_decode_request(const hook_call&) {
  }
  virtual void on_after_decode_request(const hook_call&) {
  }
  virtual void on_before_predict(const hook_call&) {
  }
  virtual void on_after_predict(const hook_call&) {
  }
  virtual void on_before_encode_response(const hook_call&) {
  }
  virtual void on_after_encode_response(const hook_call&) {
  }

  /// The server listens.
  virtual void on_server_start() {
  }
  /// The server has ended its work.
  virtual void on_server_end() {
  }
  /// A model, a spec or a route was found for a request; it may still be
  /// refused, e.g. by a full queue.
  /// @param active how many are in work, this one included
  virtual void on_request(const request&, std::size_t /*active*/) {
  }
  /// Its answer is complete, or its client is gone (status 499).
  virtual void on_response(const request&, int /*status*/,
                           std::chrono::nanoseconds /*duration*/) {
  }
};

/// Null when there is none.
using callback_list =
  std::shared_ptr<const std::vector<std::shared_ptr<callback>>>;

/// Calls `f(callback&)` for each callback in order, and logs what they throw.
/// Costs one test when there are none.
template <class F>
void notify(const callback_list& xs, const log_sink& log, F&& f) noexcept {
  if (!xs)
    return;
  auto complain = [&log](std::string_view what) noexcept {
    try {
      log(log_level::error, std::string{"a callback threw: "}.append(what));
    } catch (...) { // NOLINT(bugprone-empty-catch): nobody is left to tell
    }
  };
  for (const auto& x : *xs) {
    try {
      f(*x);
    } catch (const std::exception& e) {
      complain(e.what());
    } catch (...) {
      complain("something that is not a std::exception");
    }
  }
}

} // namespace troupe
