#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/model/context.hpp"
#include "troupe/specs/spec/outcome.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/request.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Answers one request. Throws `http_error` for a status of its choice.
using handler = std::function<outcome(const request&, context&)>;

/// Where the handlers of a spec run.
enum class handler_execution : std::uint8_t {
  /// On threads of the spec's own: a handler may block as it likes. Default.
  dedicated,
  /// On the thread that read the request: for handlers of microseconds.
  inlined,
};

/// Another wire protocol, or just a set of custom routes: endpoints with
/// handlers. It never replaces anything; its endpoints stand in the merged
/// table beside the others.
///
/// Derive, and declare in the constructor:
/// @code
/// struct ping : troupe::spec {
///   ping() : spec("ping") {
///     get("/ping", [](const auto&, auto&) { return "pong"; });
///   }
/// };
/// @endcode
/// Threads: handlers of one spec run at the same time on as many threads as
/// `threads` says; what they share, they guard.
class spec {
public:
  /// One endpoint and who answers it.
  struct route {
    troupe::endpoint endpoint;
    troupe::handler handler;
    /// Where it was declared, for messages; empty takes the spec's.
    std::string origin = {};
  };

  explicit spec(std::string name) : name_(std::move(name)) {
    // nop
  }

  virtual ~spec() = default;
  spec(const spec&) = delete;
  spec& operator=(const spec&) = delete;

  [[nodiscard]] const std::string& name() const noexcept {
    return name_;
  }

  [[nodiscard]] const std::vector<route>& routes() const noexcept {
    return routes_;
  }

  /// Whether this is a set of custom routes, in the table and in messages,
  /// rather than a protocol of its own.
  [[nodiscard]] bool is_route() const noexcept {
    return is_route_;
  }

  /// How errors look under this spec's endpoints.
  error_renderer render_error = render_detail;

  /// A path, e.g. `/v1`; `prefix` goes before it. Errors of requests at or
  /// below it that match no endpoint look as `render_error` says, too. Empty:
  /// none. Where those of two specs meet, the longer one holds, then the
  /// earlier.
  std::string error_scope = {};

  handler_execution execution = handler_execution::dedicated;

  /// Threads for dedicated handlers.
  std::size_t threads = 2;

  /// How many requests may wait for a thread.
  std::size_t max_queue_size = 256;

  /// How many requests of each endpoint may be in work at once, unless the
  /// endpoint says it, see `endpoint::max_concurrency`.
  std::size_t max_concurrency = 0;

  /// Put before every pattern, e.g. `/openai`. Set before registration.
  std::string prefix = {};

  /// Declares an endpoint.
  spec& add(endpoint e, handler h, std::string origin = {});

  spec& get(std::string pattern, handler h, endpoint options = {});
  spec& post(std::string pattern, handler h, endpoint options = {});
  spec& put(std::string pattern, handler h, endpoint options = {});
  spec& del(std::string pattern, handler h, endpoint options = {});

protected:
  bool is_route_ = false;

private:
  std::string name_;
  std::vector<route> routes_;
};

} // namespace troupe
