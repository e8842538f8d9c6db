#pragma once

#include "troupe/http/builtins/front_shared.hpp"
#include "troupe/http/wire/wire_reply.hpp"
#include "troupe/specs/exchange/exchange.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace troupe {

/// What stands around one request: the middlewares that it entered, the
/// callbacks that hear of it, its place among the active ones. None of it costs
/// more than a test when nothing is configured. For the connection's thread.
class around_request {
public:
  /// What came of `enter`: nothing, a middleware's own answer, or what one
  /// threw.
  using entered = std::variant<std::monostate, reply, failure>;

  /// @param shared outlives this
  /// @param copy where the request without its body is kept for `after` and
  ///             `on_response`; its memory serves all requests of a connection
  around_request(const front_shared& shared,
                 std::unique_ptr<request>& copy) noexcept
    : shared_(&shared), copy_(&copy) {
    // nop
  }

  around_request(const around_request&) = delete;
  around_request& operator=(const around_request&) = delete;

  /// Calls each `before`, up to the first that answers.
  entered enter(request& req);

  /// Lets the middlewares that want it mark the refusal of a request whose
  /// header section is not complete.
  void enter_broken(const request& req);

  /// Calls `after` of those that were entered, once.
  void leave(wire_reply& x, bool streamed, deadline_clock::time_point now);

  /// Counts the request among the active ones and tells of it.
  void begin(const request& req);

  /// Undoes that, once; does nothing when it was not begun.
  void end(int status);

private:
  void keep_copy(const request& req);

  const front_shared* shared_;
  std::unique_ptr<request>* copy_;
  /// How many middlewares were entered and not left.
  std::size_t depth_ = 0;
  /// Whether the header section never was complete.
  bool broken_ = false;
  bool active_ = false;
  /// Whether callbacks heard of it.
  bool announced_ = false;
  /// Whether the copy is that of this request.
  bool copied_ = false;
  deadline_clock::time_point began_ = {};
};

} // namespace troupe
