#pragma once

#include "troupe/specs/model/context.hpp"
#include "troupe/specs/model/hooks/hook_names.hpp"
#include "troupe/specs/model/outputs/promise.hpp"
#include "troupe/specs/model/outputs/sequence.hpp"
#include "troupe/specs/model/outputs/stream.hpp"
#include "troupe/specs/values/request.hpp"

#include <nlohmann/json.hpp>

#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

/// Finds a user's hooks at compile time: which are there, what they take and
/// give. Used by model_adapter.hpp.
namespace troupe::hooks {

// -- signatures ---------------------------------------------------------------

template <class F>
struct signature;

template <class R, class M, class... Ts>
struct signature<R (M::*)(Ts...)> {
  using result = R;
  using args = std::tuple<Ts...>;
};

template <class R, class M, class... Ts>
struct signature<R (M::*)(Ts...) const> : signature<R (M::*)(Ts...)> {};

template <class R, class M, class... Ts>
struct signature<R (M::*)(Ts...) noexcept> : signature<R (M::*)(Ts...)> {};

template <class R, class M, class... Ts>
struct signature<R (M::*)(Ts...) const noexcept> : signature<R (M::*)(Ts...)> {
};

template <class R, class... Ts>
struct signature<R (*)(Ts...)> {
  using result = R;
  using args = std::tuple<Ts...>;
};

template <class R, class... Ts>
struct signature<R (*)(Ts...) noexcept> : signature<R (*)(Ts...)> {};

/// The I-th argument without reference and const; void past the end.
template <class Signature, std::size_t I>
struct arg {
  using type = void;
};

template <class Signature, std::size_t I>
requires(
  I < std::tuple_size_v<typename Signature::args>) struct arg<Signature, I> {
  using type =
    std::remove_cvref_t<std::tuple_element_t<I, typename Signature::args>>;
};

template <class Signature, std::size_t I>
using arg_t = typename arg<Signature, I>::type;

template <class Signature>
inline constexpr std::size_t arity =
  std::tuple_size_v<typename Signature::args>;

/// Whether the hook's last parameter is a `context&`.
template <class Signature>
inline constexpr bool takes_context = [] {
  if constexpr (arity<Signature> == 0)
    return false;
  else
    return std::is_same_v<arg_t<Signature, arity<Signature> - 1>, context>;
}();

/// Whether the last parameter is a `std::span<context>`: one for each member.
template <class Signature>
inline constexpr bool takes_contexts = [] {
  if constexpr (arity<Signature> == 0)
    return false;
  else
    return std::is_same_v<arg_t<Signature, arity<Signature> - 1>,
                          std::span<context>>;
}();

// -- which hooks are there ----------------------------------------------------

/// A static `authorize` needs no instance: it is asked before the queue.
template <class M>
concept authorizes_early = has_authorize<M> && std::is_function_v<
  std::remove_pointer_t<decltype(&M::authorize)>>;

template <class M>
concept has_warmup = requires(M& m) {
  m.warmup();
};

template <class M>
concept has_capacity = requires(M& m) {
  { m.capacity() } -> std::convertible_to<std::size_t>;
};

/// `static constexpr bool pure = true`: a thrown batch is tried item by item.
template <class M>
concept says_pure = requires {
  typename std::bool_constant<static_cast<bool>(M::pure)>;
};

template <class M>
concept has_health = requires(M& m) {
  { m.health() } -> std::convertible_to<bool>;
};

template <class M>
concept sets_up_for_slot = requires(M& m, const worker_slot& slot) {
  m.setup(slot);
};

template <class M>
concept sets_up_for_device = requires(M& m, const std::string& device) {
  m.setup(device);
};

template <class M>
concept sets_up = requires(M& m) {
  m.setup();
};

// -- the forms of predict -----------------------------------------------------

template <class T>
struct span_of {
  static constexpr bool value = false;
};
template <class T>
struct span_of<std::span<const T>> {
  static constexpr bool value = true;
  using type = T;
};
template <class T>
struct span_of<std::vector<T>> : span_of<std::span<const T>> {};

/// A `vector<In>` parameter of `predict` is one item, not a batch.
template <class T>
inline constexpr bool is_span = false;
template <class T>
inline constexpr bool is_span<std::span<const T>> = true;

template <class T>
struct stream_of {
  static constexpr bool value = false;
};
template <class T>
struct stream_of<stream<T>> {
  static constexpr bool value = true;
  using type = T;
};

template <class T>
struct promise_of {
  static constexpr bool value = false;
};
template <class T>
struct promise_of<promise<T>> {
  static constexpr bool value = true;
  using type = T;
};

/// `std::span<stream<Out>>`: the members of a batch.
template <class T>
struct streams_of {
  static constexpr bool value = false;
};
template <class T>
struct streams_of<std::span<stream<T>>> {
  static constexpr bool value = true;
  using type = T;
};

/// `std::span<sequence<State, Out>>`: what `step` works on.
template <class T>
struct sequences_of {
  static constexpr bool value = false;
};
template <class S, class T>
struct sequences_of<std::span<sequence<S, T>>> {
  static constexpr bool value = true;
  using state = S;
  using type = T;
};

template <class F>
struct signature_of {
  static constexpr bool known = false;
  using args = std::tuple<>;
  using result = void;
};
template <class F>
requires requires {
  typename signature<F>::args;
}
struct signature_of<F> : signature<F> {
  static constexpr bool known = true;
};

/// Whether a hook can be called with arguments of these types; `F` is the type
/// of its address, of a static function, too.
template <class F, class M, class... Ts>
inline constexpr bool can_call =
  std::is_invocable_v<F, M&, Ts...> || std::is_invocable_v<F, Ts...>;

/// As `can_call`, with the context at the end if the hook takes one.
template <class F, class M, class... Ts>
inline constexpr bool can_call_in_context = [] {
  if constexpr (takes_context<signature_of<F>>)
    return can_call<F, M, Ts..., context&>;
  else
    return can_call<F, M, Ts...>;
}();

template <class M>
struct predict_of {
  static constexpr bool known = false;
  using args = std::tuple<>;
  using result = void;
};
template <has_predict M>
struct predict_of<M> : signature_of<decltype(&M::predict)> {};

template <class M>
using predict_signature = predict_of<M>;

/// Which loop runs the model.
enum class loop : std::uint8_t {
  none,
  single,
  batched,
  streaming,
  batched_streaming,
  continuous,
  async,
};

/// The form of `predict`, or `admit` and `step`, selects the loop.
template <class M>
inline constexpr loop loop_of = [] {
  if constexpr (has_admit<M> && has_step<M>) {
    return loop::continuous;
  } else if constexpr (!has_predict<M>) {
    return loop::none;
  } else {
    using first = arg_t<predict_signature<M>, 0>;
    using second = arg_t<predict_signature<M>, 1>;
    if constexpr (streams_of<second>::value)
      return loop::batched_streaming;
    else if constexpr (stream_of<second>::value)
      return loop::streaming;
    else if constexpr (promise_of<second>::value)
      return loop::async;
    else if constexpr (has_batch<M> || is_span<first>)
      return loop::batched;
    else
      return loop::single;
  }
}();

template <class M>
inline constexpr bool is_batched =
  loop_of<M> == loop::batched || loop_of<M> == loop::batched_streaming;

template <class M>
inline constexpr bool is_streaming =
  loop_of<M> == loop::streaming || loop_of<M> == loop::batched_streaming;

/// What one item of the model is.
template <class M>
struct item_in {
  using type = arg_t<predict_signature<M>, 0>;
};
template <class M>
requires(is_batched<M> && !has_batch<M>) struct item_in<M> {
  using type = typename span_of<arg_t<predict_signature<M>, 0>>::type;
};
template <class M>
requires(is_batched<M>&& has_batch<M>) struct item_in<M> {
  using type = typename span_of<arg_t<signature<decltype(&M::batch)>, 0>>::type;
};
template <class M>
requires(loop_of<M> == loop::continuous) struct item_in<M> {
  using type = arg_t<signature<decltype(&M::admit)>, 0>;
};

template <class M>
using item_in_t = typename item_in<M>::type;

/// What one item becomes: what `encode_response` takes.
template <class M>
struct item_out {
  using type = std::remove_cvref_t<typename predict_signature<M>::result>;
};
template <class M>
requires(loop_of<M> == loop::batched && !has_unbatch<M>) struct item_out<M> {
  using type = typename std::remove_cvref_t<
    typename predict_signature<M>::result>::value_type;
};
template <class M>
requires(loop_of<M> == loop::batched && has_unbatch<M>) struct item_out<M> {
  using type = typename std::remove_cvref_t<
    typename signature<decltype(&M::unbatch)>::result>::value_type;
};
template <class M>
requires(loop_of<M> == loop::streaming) struct item_out<M> {
  using type = typename stream_of<arg_t<predict_signature<M>, 1>>::type;
};
template <class M>
requires(loop_of<M> == loop::batched_streaming) struct item_out<M> {
  using type = typename streams_of<arg_t<predict_signature<M>, 1>>::type;
};
template <class M>
requires(loop_of<M> == loop::async) struct item_out<M> {
  using type = typename promise_of<arg_t<predict_signature<M>, 1>>::type;
};
template <class M>
requires(loop_of<M> == loop::continuous) struct item_out<M> {
  using type =
    typename sequences_of<arg_t<signature<decltype(&M::step)>, 0>>::type;
};

template <class M>
using item_out_t = typename item_out<M>::type;

} // namespace troupe::hooks
