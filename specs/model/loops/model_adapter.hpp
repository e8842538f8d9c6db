#pragma once

#include "troupe/specs/model/hooks/hook_checks.hpp"
#include "troupe/specs/model/loops/async_loop.hpp"
#include "troupe/specs/model/loops/batched_loop.hpp"
#include "troupe/specs/model/loops/continuous_loop.hpp"
#include "troupe/specs/model/loops/single_loop.hpp"

#include <memory>
#include <utility>

namespace troupe {

namespace hooks {

template <class M, loop L = loop_of<M>>
struct loop_for {
  using type = single_loop<M>;
};
template <class M>
struct loop_for<M, loop::batched> {
  using type = batched_loop<M>;
};
template <class M>
struct loop_for<M, loop::batched_streaming> {
  using type = batched_loop<M>;
};
template <class M>
struct loop_for<M, loop::continuous> {
  using type = continuous_loop<M>;
};
template <class M>
struct loop_for<M, loop::async> {
  using type = async_loop<M>;
};

/// Asks a static `authorize`. @throws http_error 401, or what it throws
template <authorizes_early M>
void authorize(exchange& ex) {
  using sig = signature<decltype(&M::authorize)>;
  auto ask = [&] {
    if constexpr (takes_context<sig>) {
      context ctx{ex};
      return M::authorize(ex.request, ctx);
    } else {
      return M::authorize(ex.request);
    }
  };
  if constexpr (std::is_same_v<typename sig::result, bool>) {
    if (!ask())
      throw http_error(401, "Not authenticated");
  } else {
    ask();
  }
}

} // namespace hooks

/// Puts a user's plain class behind the `model` contract. Only `predict` is
/// required:
/// @code
/// struct square_model {
///   void setup(const std::string& device);              // optional
///   double decode_request(const nlohmann::json& body);  // optional
///   double predict(double x);
///   nlohmann::json encode_response(double y);           // optional
/// };
/// @endcode
/// The form of `predict` selects the loop:
/// - `Out predict(const In&)`: one item;
/// - `std::vector<Out> predict(std::span<const In>)`: a batch; or, for a batch
///   type of the user's own, `B batch(std::span<const In>)`, `Y predict(const
///   B&)` and `std::vector<Out> unbatch(Y)`;
/// - `void predict(const In&, stream<Out>&)`: a stream of items;
/// - `void predict(std::span<const In>, std::span<stream<Out>>)`: a batch of
///   streams, whose members end one by one;
/// - `State admit(const In&)` and `void step(std::span<sequence<State, Out>>)`
///   instead of `predict`: continuous batching;
/// - `void predict(const In&, promise<Out>)`: answered later, from any thread.
///
/// Further hooks, all optional: `warmup()`, `bool health()`, `capacity()`,
/// `batch_key(const In&)`, `authorize(const request&)` (returns bool, or
/// throws; when it is static, before the request waits in the queue), `static
/// constexpr bool pure`.
/// A trailing `context&` is optional on `authorize`, `decode_request`,
/// `predict` and `admit`, and `encode_response`; a trailing
/// `std::span<context>` on a batched `predict`.
///
/// Without `decode_request` an item comes from the body by `read_body`;
/// without `encode_response` the output goes out by `to_json`. `request` as an
/// item is the raw request; `reply` and `payload` as an output go out as they
/// are.
template <class Model>
using model_adapter = std::enable_if_t<hooks::check<Model>(),
                                       typename hooks::loop_for<Model>::type>;

/// Makes a definition that serves a user's class. Each worker gets an instance
/// of its own, made of copies of `xs`; what instances share goes in as a
/// `shared_ptr`.
template <class Model, class... Ts>
model_definition make_model(model_options options, const Ts&... xs) {
  model_definition result;
  if constexpr (hooks::check<Model>()) {
    result.options = std::move(options);
    result.batched = hooks::is_batched<Model>;
    result.continuous = hooks::loop_of<Model> == hooks::loop::continuous;
    result.streaming = hooks::is_streaming<Model> || result.continuous;
    result.whole_answers = result.continuous;
    result.has_health = hooks::has_health<Model>;
    if constexpr (hooks::authorizes_early<Model>)
      result.authorize = hooks::authorize<Model>;
    else
      result.authorizes_late = hooks::has_authorize<Model>;
    result.make = [xs...](const worker_slot& slot) -> std::unique_ptr<model> {
      return std::make_unique<model_adapter<Model>>(slot, xs...);
    };
  }
  return result;
}

} // namespace troupe
