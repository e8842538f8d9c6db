#pragma once

#include "troupe/actors/interfaces.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Models by actor message, from this machine or another: values that may be
/// serialised, and the interface of whoever answers them. Stable: programs may
/// publish a `model_actor` and call one on another node.
namespace troupe {

/// What a request, an answer or an item carries.
enum class body_kind : std::uint8_t {
  empty,
  /// `data` is the text of a JSON document.
  json,
  /// `data` is of the type `content_type`.
  bytes,
};

struct message_body {
  body_kind kind = body_kind::empty;
  std::string content_type = {};
  std::string data = {};
};

/// Header fields or path parameters, in their order.
using name_values = std::vector<std::pair<std::string, std::string>>;

/// A request to a model. The members that HTTP would fill may keep their
/// defaults.
struct model_request {
  std::string method = "POST";
  /// Path and query, undecoded.
  std::string target = "/predict";
  /// Normalised, without the query.
  std::string path = "/predict";
  name_values params = {};
  name_values headers = {};
  /// The client's address, or "".
  std::string client = {};
  /// In log lines; "" takes one of our own.
  std::string request_id = {};
  message_body body = {};
  /// How much longer the caller waits, in milliseconds; negative means as long
  /// as the model's own limits. Never an absolute time: clocks differ.
  std::int64_t remaining_ms = -1;
  /// What a JSON body may take in memory when it is read; 0 takes the default.
  std::uint64_t max_json_bytes = 0;
};

/// A whole answer, the end of a stream, or a failure.
struct model_answer {
  std::uint16_t status = 200;
  name_values headers = {};
  message_body body = {};
  /// The name of a code (`unprocessable`, see `errc`) when it failed, else "".
  std::string error = {};
  /// What the client may read of a failure: JSON text.
  std::string detail = {};
  /// Whether a worker had the call when it failed. One that nobody had may be
  /// tried elsewhere without being done twice.
  bool begun = false;

  [[nodiscard]] bool failed() const noexcept {
    return !error.empty();
  }
};

/// The number of a call, which its caller gives. A caller uses each number
/// once: a call with the number of an open one is ignored.
struct call_id {
  std::uint64_t value = 0;
};

/// What a model is, for those who call it.
struct model_facts {
  std::string name = {};
  /// Whether it takes calls now.
  bool ready = false;
  /// How many calls it works on at once, batches included.
  std::uint32_t capacity = 0;
  /// Inputs and outputs, as `/info` has them: JSON text.
  std::string schema = "null";
};

/// How many items of a stream may come before the first `credit`.
constexpr std::uint32_t initial_credit = 16;

template <class Inspector>
auto inspect(Inspector& f, message_body& x) {
  return inspect_members(f, "message_body", x.kind, x.content_type, x.data);
}

template <class Inspector>
auto inspect(Inspector& f, model_request& x) {
  return inspect_members(f, "model_request", x.method, x.target, x.path,
                         x.params, x.headers, x.client, x.request_id, x.body,
                         x.remaining_ms, x.max_json_bytes);
}

template <class Inspector>
auto inspect(Inspector& f, model_answer& x) {
  return inspect_members(f, "model_answer", x.status, x.headers, x.body,
                         x.error, x.detail, x.begun);
}

template <class Inspector>
auto inspect(Inspector& f, call_id& x) {
  return inspect_members(f, "call_id", x.value);
}

template <class Inspector>
auto inspect(Inspector& f, model_facts& x) {
  return inspect_members(f, "model_facts", x.name, x.ready, x.capacity,
                         x.schema);
}

// clang-format off

/// Whoever opens calls takes their items and ends. Its own end cancels them.
using model_caller = actor_interface<
  // An item of a stream.
  handles<void(atom::item, call_id, message_body)>,
  // The end of a call: once for each.
  handles<void(atom::deliver, call_id, model_answer)>>;

/// A model that answers calls by message. A call ends at the model's limits, at
/// its `remaining_ms`, and with its caller.
using model_actor = actor_interface<
  // Answers with the whole answer; the items of a stream become a JSON array.
  // A time-out of `request` cannot be seen here: a caller that has one puts it
  // into the call, too.
  handles<model_answer(atom::predict, model_request)>,
  // Opens a call, whose items and end go to the caller as they come.
  handles<void(atom::open, call_id, model_request, model_caller)>,
  // Nobody waits for the call any more. Its end comes all the same.
  handles<void(atom::cancel, call_id, model_caller)>,
  // Lets the call send this many more items.
  handles<void(atom::credit, call_id, std::uint32_t, model_caller)>,
  // Says what it is.
  handles<model_facts(atom::describe)>,
  // (internal) The end of the call with this number of the actor's own; the
  // answer itself for a `predict`.
  handles<void(atom::deliver, std::uint64_t, model_answer)>,
  // (internal) A limit may have run out.
  handles<void(atom::tick)>>;

// clang-format on

} // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_cluster, caf::id_block::troupe_handles::end)

CAF_ADD_TYPE_ID(troupe_cluster, (troupe::body_kind))
CAF_ADD_TYPE_ID(troupe_cluster, (troupe::message_body))
CAF_ADD_TYPE_ID(troupe_cluster, (troupe::model_request))
CAF_ADD_TYPE_ID(troupe_cluster, (troupe::model_answer))
CAF_ADD_TYPE_ID(troupe_cluster, (troupe::call_id))
CAF_ADD_TYPE_ID(troupe_cluster, (troupe::model_facts))
CAF_ADD_TYPE_ID(troupe_cluster, (troupe::model_caller))
CAF_ADD_TYPE_ID(troupe_cluster, (troupe::model_actor))

CAF_END_TYPE_ID_BLOCK(troupe_cluster)
