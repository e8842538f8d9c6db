#pragma once

#include "troupe/specs/values/headers.hpp"
#include "troupe/specs/values/reply.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe {

/// Why a request was not answered as it was asked to be. Each spec renders
/// these in its own envelope; the code alone fixes the HTTP status unless a
/// failure carries its own.
enum class errc : std::uint8_t {
  /// The request is malformed: framing, target, JSON syntax. 400.
  bad_request = 1,
  /// No credentials, or wrong ones. 401.
  unauthorized,
  /// Known, but not allowed. 403.
  forbidden,
  /// No endpoint matches the path. 404.
  not_found,
  /// The path is known, the method is not; `Allow` lists the others. 405.
  method_not_allowed,
  /// The request did not arrive in time. 408.
  request_timeout,
  /// The body is larger than the endpoint's limit. 413.
  payload_too_large,
  /// The request target is longer than the limit. 414.
  uri_too_long,
  /// The endpoint has no use for this content type. 415.
  unsupported_media_type,
  /// An `Expect` that is not `100-continue`. 417.
  expectation_failed,
  /// Well-formed, but of the wrong shape. 422.
  unprocessable,
  /// The caller is over its own limit. 429.
  too_many_requests,
  /// The header section is larger than the limit. 431.
  header_too_large,
  /// The model or a handler failed. 500; the text stays in the log.
  internal,
  /// The method or transfer coding is not implemented. 501.
  not_implemented,
  /// The worker that ran the request died. 500.
  worker_died,
  /// The queue is full. 503 with Retry-After.
  overloaded,
  /// The model is not ready (yet). 503 with Retry-After.
  not_ready,
  /// The server is shutting down. 503 with Retry-After.
  draining,
  /// The deadline passed. 504.
  deadline_exceeded,
  /// The client went away; nobody reads the answer. 499 in logs only.
  cancelled,
};

/// The number of codes plus one (codes start at 1).
inline constexpr std::size_t errc_end =
  static_cast<std::size_t>(errc::cancelled) + 1;

/// Returns the name of the code, e.g. `"bad_request"`.
std::string_view to_string(errc code) noexcept;

/// Returns the HTTP status of the code.
int status_of(errc code) noexcept;

/// Returns the text that a client sees when a failure brings none of its own.
std::string_view default_detail(errc code) noexcept;

/// One failed request: code, status, what the client may read, extra headers.
/// A value.
struct failure {
  errc code = errc::internal;
  /// 0 takes the status of the code.
  int status = 0;
  /// Any JSON; null takes `default_detail(code)`. Goes to the client, so it
  /// never holds the text of an exception.
  nlohmann::json detail = nullptr;
  header_map headers = {};

  [[nodiscard]] int effective_status() const noexcept {
    return status != 0 ? status : status_of(code);
  }

  [[nodiscard]] nlohmann::json effective_detail() const;
};

/// Makes a failure of an answer that is an error, with its status, its body as
/// the detail and its headers.
failure to_failure(reply answer, errc code);

/// Makes a failure with a text for the client.
failure make_failure(errc code, std::string_view detail = {});

/// Says in `Retry-After` when to try again (RFC 9110, section 10.2.3): after
/// `pause`, as full seconds from 1 to 60.
void set_retry_after(failure& x, std::chrono::milliseconds pause);

/// Renders a failure as the answer's status, headers and body.
using error_renderer = reply (*)(const failure&);

/// LitServe's envelope: `{"detail": ...}`. The default.
reply render_detail(const failure& f);

/// Thrown by a hook or handler to choose the answer: status, detail (any
/// JSON) **and** headers reach the client as they are.
class http_error : public std::runtime_error {
public:
  explicit http_error(int status, nlohmann::json detail = nullptr,
                      header_map headers = {});

  [[nodiscard]] const failure& why() const noexcept {
    return why_;
  }

private:
  failure why_;
};

/// Thrown by a model that can no longer work (device lost, state corrupt):
/// the request gets 500, the worker ends and the supervisor starts another.
class worker_fatal : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A worker was ended from outside, for instance by an operator: as
/// `worker_fatal`, but its input is not to blame.
class worker_lost : public worker_fatal {
public:
  using worker_fatal::worker_fatal;
};

/// Maps the exception in flight to a failure: `http_error` keeps what it
/// says, malformed JSON becomes 400, a validation error 422, all else 500.
/// `log_text` receives what must not reach the client.
/// @pre called inside a catch block.
failure failure_from_current_exception(std::string& log_text);

} // namespace troupe
