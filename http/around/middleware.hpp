#pragma once

#include "troupe/specs/values/headers.hpp"
#include "troupe/specs/values/reply.hpp"
#include "troupe/specs/values/request.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace troupe {

/// The head of an answer on its way out, as `middleware` sees it.
struct reply_head {
  /// Changing it changes the answer's, except for a stream's.
  int status = 200;
  /// Of the body; empty when there is none.
  std::string_view content_type = {};
  /// May be changed. `Content-Length`, `Date`, `Connection` and
  /// `X-Content-Type-Options` are the front's.
  header_map& headers;
  /// Whether the body follows item by item.
  bool streamed = false;
  /// Since the request's header section was complete.
  std::chrono::nanoseconds duration{0};
};

/// Stands around every request: predict, specs, routes, built-ins and refusals.
/// Requests that are too broken to read do not reach it, unless
/// `sees_broken_requests` asks for them. The first one is outermost: `before`
/// is called in order, `after` in reverse.
///
/// Called on the I/O threads, possibly on several at once; must not wait. What
/// `before` throws is answered as a handler's exception would be; what `after`
/// throws is logged and has no effect.
class middleware {
public:
  virtual ~middleware() = default;

  /// Called when the header section is there, before the endpoint is looked
  /// up: method, target, path (changing it changes the endpoint), headers and
  /// remote are known; path parameters and body are not.
  /// @returns an answer to give at once, which only the `after` of those
  ///          further out will see; or nothing, to go on.
  virtual std::optional<reply> before(request&) {
    return std::nullopt;
  }

  /// Called when the answer's head is about to be sent; not when the client
  /// left before. The request has no body any more.
  virtual void after(const request&, reply_head&) {
    // nop
  }

  /// Whether `after` is also to see the refusals of requests that never came to
  /// `before`: malformed, too large or too slow. Of the request, it sees the
  /// header fields that came whole, and nothing else for certain.
  [[nodiscard]] virtual bool sees_broken_requests() const {
    return false;
  }
};

/// Outermost first.
using middleware_list = std::vector<std::shared_ptr<middleware>>;

} // namespace troupe
