#pragma once

#include "troupe/specs/observe/model_counts.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/reply.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Turns what a model answers into what a spec's client expects. Used for one
/// call, from the threads that produce the answer, one at a time.
class reply_encoder {
public:
  virtual ~reply_encoder() = default;

  /// Encodes a whole answer, or the end of a stream.
  virtual reply finish(reply answer) = 0;

  /// Encodes one item of a stream as whole server-sent events, for an encoder
  /// whose stream consists of nothing else: they are sent as they are, without
  /// a copy. They live until the next call; "" keeps the item back. The default
  /// leaves the item, untouched, to the function `item`.
  virtual std::optional<std::string_view> events(payload& x) {
    (void)x;
    return std::nullopt;
  }

  /// Encodes one item of a stream; the default hands it on. Returning nothing
  /// keeps the item back, for an answer that is whole although the model
  /// streams.
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

  /// Returns how many tokens the call has taken and made, if the model said so.
  /// Called after `finish`.
  [[nodiscard]] virtual std::optional<token_counts> tokens() const {
    return std::nullopt;
  }

  /// Encodes a failure; the default lets the spec's renderer do it. Perhaps
  /// while another thread encodes an item.
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
  /// Answers a failure of this call alone, so that the other calls of the
  /// request go on: `join` gets it in the place of the call's answer. Returning
  /// nothing makes it the request's failure, as without this function. Not
  /// asked when the whole request ends, by its deadline, a drain, or a client
  /// that leaves. Used as `failed` is.
  std::function<std::optional<reply>(const failure&)> recover = {};
  /// What `context::stop_calls` knows this call by; several may have the same.
  /// Empty: it cannot be stopped by name.
  std::string name = {};

  /// Encodes a successful answer with a function `reply(reply)`.
  model_call then(std::function<reply(reply)> encode) &&;
};

/// A handler's order: let models answer several calls at the same time, e.g.
/// for the items of a list, and join their answers into one. The first failure
/// that does not `recover` is the answer; then the other calls are told to
/// stop, and no further one begins.
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
  /// finished last. After items of a stream, its body is the end of the stream.
  std::function<reply(std::vector<reply>)> join;
};

/// Orders a call of `model` with `document`.
model_call call_model(std::string model, nlohmann::json document);

/// Orders a call of `model` with the request as it came.
model_call call_model(std::string model);

} // namespace troupe
