#pragma once

#include "troupe/specs/async_loop.hpp"
#include "troupe/specs/batched_loop.hpp"
#include "troupe/specs/continuous_loop.hpp"
#include "troupe/specs/single_loop.hpp"

#include <memory>
#include <utility>

namespace troupe {

namespace hooks {

/// Refuses, at compile time, what cannot work, and shows what does.
template <class M>
constexpr bool check() {
  static_assert(has_predict<M> || has_admit<M> || has_step<M>,
                "a model needs one predict, neither overloaded nor a "
                "template, e.g.  double predict(double x);");
  static_assert(has_admit<M> == has_step<M>,
                "continuous batching needs both  state admit(const In& x);  "
                "and  void step(std::span<troupe::sequence<state, Out>> "
                "live);");
  static_assert(!(has_predict<M> && has_admit<M>),
                "a model has either predict or admit and step, not both");
  if constexpr (has_predict<M>) {
    using sig = predict_signature<M>;
    static_assert(sig::known, "predict is a plain member function, e.g.  "
                              "double predict(double x);");
    constexpr auto form = loop_of<M>;
    constexpr bool gives = !std::is_void_v<typename sig::result>;
    static_assert(gives || (form != loop::single && form != loop::batched),
                  "predict returns what it made, e.g.  double predict(double "
                  "x);  or streams, e.g.  void predict(double x, "
                  "troupe::stream<double>& out);");
    static_assert(!gives || form == loop::single || form == loop::batched,
                  "a predict that streams or promises returns void");
    static_assert(form != loop::streaming || !is_span<arg_t<sig, 0>>,
                  "a batch streams into one stream for each member, e.g.  "
                  "void predict(std::span<const int> xs, "
                  "std::span<troupe::stream<int>> outs);");
    static_assert(form != loop::streaming || !has_batch<M>,
                  "with batch, predict takes one stream for each member: "
                  "std::span<troupe::stream<Out>>");
    static_assert(form != loop::async
                    || (!is_span<arg_t<sig, 0>> && !has_batch<M>),
                  "an asynchronous predict takes one item: capacity() says "
                  "how many are open at once");
    static_assert(form == loop::batched || !has_unbatch<M>,
                  "unbatch needs a batched predict, e.g.  tensor batch("
                  "std::span<const In> xs);  tensor predict(const tensor& "
                  "x);  std::vector<Out> unbatch(const tensor& y);");
    static_assert(form == loop::batched || form == loop::batched_streaming
                    || !has_batch_key<M>,
                  "batch_key needs a batched predict");
  }
  return true;
}

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
/// throws), `static constexpr bool pure`.
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
  static_assert(hooks::check<Model>());
  model_definition result;
  result.options = std::move(options);
  result.batched = hooks::is_batched<Model>;
  result.continuous = hooks::loop_of<Model> == hooks::loop::continuous;
  result.streaming = hooks::is_streaming<Model> || result.continuous;
  result.has_health = hooks::has_health<Model>;
  result.make = [xs...](const worker_slot& slot) -> std::unique_ptr<model> {
    return std::make_unique<model_adapter<Model>>(slot, xs...);
  };
  return result;
}

} // namespace troupe
