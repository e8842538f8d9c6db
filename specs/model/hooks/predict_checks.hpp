#pragma once

#include "troupe/specs/model/hooks/hook_names.hpp"
#include "troupe/specs/model/hooks/hook_traits.hpp"
#include "troupe/specs/values/reply.hpp"

#include <nlohmann/json.hpp>

#include <span>
#include <type_traits>
#include <utility>

/// What `predict`, `batch`, `admit` and `step` must look like; see
/// hook_checks.hpp.
namespace troupe::hooks {

template <class T>
inline constexpr bool is_any_span = false;
template <class T>
inline constexpr bool is_any_span<std::span<T>> = true;

/// What can go out as it is, or as JSON.
template <class T>
concept can_go_out = std::is_same_v<T, reply> || std::is_same_v<
  T, payload> || std::is_constructible_v<nlohmann::json, T>;

/// One output for each item.
template <class T>
concept list_of_outputs = requires(T& xs) {
  typename T::value_type;
  xs.size();
  xs[0];
};

/// What a batched `predict` gets as its first argument.
template <class M>
struct batch_of {
  using type = std::span<const item_in_t<M>>;
};
template <has_batch M>
struct batch_of<M> {
  using type = typename signature<decltype(&M::batch)>::result;
};

/// Whether `predict` can be called as its loop will.
template <class M>
constexpr bool can_predict() {
  using hook = decltype(&M::predict);
  using in = item_in_t<M>;
  constexpr auto form = loop_of<M>;
  // What goes out is looked up only where the form needs it: a wrong hook must
  // be told by its own message first.
  if constexpr (form == loop::single) {
    return can_call_in_context<hook, M, in&>;
  } else if constexpr (form == loop::streaming) {
    return can_call_in_context<hook, M, in&, stream<item_out_t<M>>&>;
  } else if constexpr (form == loop::async) {
    return can_call_in_context<hook, M, in&, promise<item_out_t<M>>>;
  } else {
    using xs = typename batch_of<M>::type;
    using contexts = std::span<context>;
    constexpr bool with_contexts = takes_contexts<predict_signature<M>>;
    if constexpr (form == loop::batched) {
      return with_contexts ? can_call<hook, M, xs, contexts>
                           : can_call<hook, M, xs>;
    } else {
      using outs = std::span<stream<item_out_t<M>>>;
      return with_contexts ? can_call<hook, M, xs, outs, contexts>
                           : can_call<hook, M, xs, outs>;
    }
  }
}

// A signature that is unknown has no arguments and no result.

template <class M>
inline constexpr bool plain_batch = [] {
  if constexpr (has_batch<M>) {
    using sig = signature_of<decltype(&M::batch)>;
    return arity<sig> == 1 && span_of<arg_t<sig, 0>>::value
           && !std::is_void_v<typename sig::result>;
  } else {
    return false;
  }
}();

template <class M>
constexpr bool check_batch() {
  constexpr bool ok = !names_batch<M> || plain_batch<M>;
  static_assert(ok, "batch is one public function, neither overloaded nor a "
                    "template, that makes what predict takes of many items, "
                    "e.g.  tensor batch(std::span<const In> xs);");
  return ok;
}

template <class M>
constexpr bool check_predict() {
  constexpr bool plain = has_predict<M> && predict_signature<M>::known;
  static_assert(plain, "predict is one public function, neither overloaded "
                       "nor a template, e.g.  double predict(double x);");
  if constexpr (plain) {
    using sig = predict_signature<M>;
    using first = arg_t<sig, 0>;
    constexpr auto form = loop_of<M>;
    constexpr bool gives = !std::is_void_v<typename sig::result>;
    constexpr bool one_by_one =
      form == loop::single || form == loop::streaming || form == loop::async;
    static_assert(arity<sig> > 0, "predict takes an item, e.g.  double "
                                  "predict(double x);");
    static_assert(gives || (form != loop::single && form != loop::batched),
                  "predict returns what it made, e.g.  double predict(double "
                  "x);  or streams, e.g.  void predict(double x, "
                  "troupe::stream<double>& out);");
    static_assert(!gives || form == loop::single || form == loop::batched,
                  "a predict that streams or promises returns void");
    static_assert(form != loop::streaming || !is_any_span<first>,
                  "a batch streams into one stream for each member, e.g.  "
                  "void predict(std::span<const int> xs, "
                  "std::span<troupe::stream<int>> outs);");
    static_assert(form != loop::streaming || !has_batch<M>,
                  "with batch, predict takes one stream for each member: "
                  "std::span<troupe::stream<Out>>");
    static_assert(form != loop::async || (!is_any_span<first> && !has_batch<M>),
                  "an asynchronous predict takes one item: capacity() says "
                  "how many are open at once");
    static_assert(form != loop::single || !is_any_span<first>,
                  "a batch is a span of constant items, e.g.  "
                  "std::vector<double> predict(std::span<const double> xs);");
    constexpr bool fits =
      arity < sig >> 0
      && gives == (form == loop::single || form == loop::batched)
      && !(one_by_one && (is_any_span<first> || has_batch<M>));
    if constexpr (fits) {
      constexpr bool listed =
        form != loop::batched
        || names_unbatch<
          M> || list_of_outputs<std::remove_cvref_t<typename sig::result>>;
      static_assert(listed, "a batched predict returns one output for each "
                            "item, e.g.  std::vector<double> predict("
                            "std::span<const double> xs);");
      if constexpr (listed) {
        constexpr bool ok = can_predict<M>();
        static_assert(ok || form != loop::single,
                      "predict takes one item and may take a context, e.g.  "
                      "double predict(double x, troupe::context& ctx);");
        static_assert(ok || form != loop::streaming,
                      "a predict that streams takes one item and a stream, and "
                      "may take a context, e.g.  void predict(double x, "
                      "troupe::stream<double>& out, troupe::context& ctx);");
        static_assert(ok || form != loop::async,
                      "a predict that promises takes one item and a promise, "
                      "and may take a context, e.g.  void predict(double x, "
                      "troupe::promise<double> answer, troupe::context& ctx);");
        static_assert(ok || form != loop::batched,
                      "a batched predict takes its items, or what batch makes "
                      "of them, and may take one context for each, e.g.  "
                      "std::vector<double> predict(std::span<const double> xs, "
                      "std::span<troupe::context> ctxs);");
        static_assert(ok || form != loop::batched_streaming,
                      "a batch of streams takes its items, or what batch makes "
                      "of them, one stream for each, and may take one context "
                      "for each, e.g.  void predict(std::span<const int> xs, "
                      "std::span<troupe::stream<int>> outs, "
                      "std::span<troupe::context> ctxs);");
        return ok;
      }
    }
  }
  return false;
}

template <class M>
inline constexpr bool plain_admit = [] {
  if constexpr (has_admit<M>) {
    using sig = signature_of<decltype(&M::admit)>;
    constexpr auto items = arity<sig> - (takes_context<sig> ? 1 : 0);
    return items == 1 && !std::is_void_v<typename sig::result>;
  } else {
    return false;
  }
}();

template <class M>
inline constexpr bool plain_step = [] {
  if constexpr (has_step<M>) {
    using sig = signature_of<decltype(&M::step)>;
    return arity<sig> == 1 && sequences_of<arg_t<sig, 0>>::value;
  } else {
    return false;
  }
}();

template <class M>
constexpr bool check_steps() {
  static_assert(names_admit<M> && names_step<M>,
                "continuous batching needs both  state admit(const In& x);  "
                "and  void step(std::span<troupe::sequence<state, Out>> "
                "live);");
  if constexpr (names_admit<M> && names_step<M>) {
    static_assert(plain_admit<M>,
                  "admit is one public function, neither overloaded nor a "
                  "template, that makes a state of an item and may take a "
                  "context, e.g.  state admit(const In& x, troupe::context& "
                  "ctx);");
    static_assert(plain_step<M>,
                  "step is one public function, neither overloaded nor a "
                  "template, e.g.  void step(std::span<troupe::sequence<"
                  "state, Out>> live);");
    if constexpr (plain_admit<M> && plain_step<M>) {
      using live = arg_t<signature<decltype(&M::step)>, 0>;
      constexpr bool same =
        std::is_convertible_v<typename signature<decltype(&M::admit)>::result,
                              typename sequences_of<live>::state>;
      static_assert(same, "admit returns the state that step's sequences "
                          "have, e.g.  state admit(const In& x);  and  void "
                          "step(std::span<troupe::sequence<state, Out>> "
                          "live);");
      return same;
    }
  }
  return false;
}

} // namespace troupe::hooks
