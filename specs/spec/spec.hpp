#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/model/context.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/reply.hpp"
#include "troupe/specs/values/request.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace troupe {

/// Turns what a model answers into what a spec's client expects. Used for one
/// call, from the threads that produce the answer, one at a time.
class reply_encoder {
public:
  virtual ~reply_encoder() = default;

  /// Encodes a whole answer, or the end of a stream.
  virtual reply finish(reply answer) = 0;

  /// Encodes one item of a stream; the default hands it on. Nothing keeps it
  /// back: for an answer that is whole although the model streams.
  virtual std::optional<payload> item(payload x) {
    return x;
  }

  /// Encodes the end of one of several calls as an item, which is sent before
  /// the others end; the default sends none. Called before `finish`, which gets
  /// `answer` as this leaves it. Not called for a single call.
  virtual std::optional<payload> last_item(reply& answer) {
    (void)answer;
    return std::nullopt;
  }

  /// Encodes a failure; the default lets the spec's renderer do it.
  virtual failure fail(failure why) {
    return why;
  }
};

/// A handler's order: let this model answer, then encode.
struct model_call {
  /// The model's name.
  std::string model;
  /// What the model's `decode_request` gets as JSON. When null, the model
  /// gets the request as it came.
  std::shared_ptr<const nlohmann::json> document = {};
  std::shared_ptr<reply_encoder> encoder = {};
  /// The answer is an event stream, also for a client that did not ask for one
  /// by `Accept`; in-band errors then look like it.
  bool events = false;
  /// Answers a failure instead of the spec's `render_error`, whoever caused it:
  /// the model, a full queue, the deadline, a drain. For protocols whose errors
  /// name the request. Called at most once, on any thread, perhaps while the
  /// encoder is; throws nothing.
  std::function<reply(const failure&)> failed = {};

  /// Encodes a successful answer with a function `reply(reply)`.
  model_call then(std::function<reply(reply)> encode) &&;
};

/// A handler's order: let models answer several calls at the same time, e.g.
/// for the items of a list, and make one answer of theirs. The first that fails
/// is the answer, the others are told to stop, and what did not begin does not.
struct model_calls {
  static constexpr std::size_t default_at_once = 64;

  /// At least one. Each has an encoder of its own; what those share, they
  /// guard. `events` and `failed` of the first hold for all.
  std::vector<model_call> calls;
  /// How many are open at once: the next begins when one ends, so that a list
  /// of any length fits the model's queue and leaves room for others. While the
  /// queue is full it waits, too, unless none is open. At least 1.
  std::size_t at_once = default_at_once;
  /// Gets the encoded answers in the order of `calls`, once, on the thread that
  /// finished last. Behind items of a stream its body is the end of it.
  std::function<reply(std::vector<reply>)> join;
};

/// Orders a call of `model` with `document`.
model_call call_model(std::string model, nlohmann::json document);

/// Orders a call of `model` with the request as it came.
model_call call_model(std::string model);

/// What a handler gives back: an answer, or calls of models.
class outcome {
public:
  /// 204.
  outcome() : value_(reply{204, {}, {}}) {
    // nop
  }

  /*implicit*/ outcome(reply r) : value_(std::move(r)) {
    // nop
  }

  /*implicit*/ outcome(model_call c) : value_(std::move(c)) {
    // nop
  }

  /*implicit*/ outcome(model_calls c) : value_(std::move(c)) {
    // nop
  }

  /*implicit*/ outcome(nlohmann::json document)
    : value_(json_reply(std::move(document))) {
    // nop
  }

  /*implicit*/ outcome(std::string text) : value_(text_reply(std::move(text))) {
    // nop
  }

  /*implicit*/ outcome(const char* text) : outcome(std::string{text}) {
    // nop
  }

  [[nodiscard]] reply* answer() noexcept {
    return std::get_if<reply>(&value_);
  }

  [[nodiscard]] model_call* call() noexcept {
    return std::get_if<model_call>(&value_);
  }

  [[nodiscard]] model_calls* calls() noexcept {
    return std::get_if<model_calls>(&value_);
  }

private:
  std::variant<reply, model_call, model_calls> value_;
};

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
