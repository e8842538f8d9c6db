#pragma once

#include "troupe/specs/context.hpp"
#include "troupe/specs/request.hpp"
#include "troupe/specs/stream.hpp"

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

// -- which hooks are there ----------------------------------------------------

template <class M>
concept has_predict = requires {
  &M::predict;
};

template <class M>
concept has_decode = requires {
  &M::decode_request;
};

template <class M>
concept has_encode = requires {
  &M::encode_response;
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

template <class T>
struct stream_of {
  static constexpr bool value = false;
};
template <class T>
struct stream_of<stream<T>> {
  static constexpr bool value = true;
  using type = T;
};

template <class M>
using predict_signature = signature<decltype(&M::predict)>;

/// `void predict(const In&, stream<Out>&)`, optionally with `context&`.
template <class M>
inline constexpr bool is_streaming =
  stream_of<arg_t<predict_signature<M>, 1>>::value;

/// `std::vector<Out> predict(std::span<const In>)`, optionally with
/// `std::span<context>`; a `vector<In>` parameter is one item when
/// `decode_request` returns a vector.
template <class M>
inline constexpr bool is_batched = [] {
  using first = arg_t<predict_signature<M>, 0>;
  if constexpr (is_streaming<M>)
    return false;
  else if constexpr (requires {
                       typename std::enable_if_t<std::is_same_v<
                         first,
                         std::span<const typename span_of<first>::type>>>;
                     })
    return true;
  else
    return false;
}();

template <class M>
struct item_in {
  using type = arg_t<predict_signature<M>, 0>;
};
template <class M>
requires is_batched<M>
struct item_in<M> {
  using type = typename span_of<arg_t<predict_signature<M>, 0>>::type;
};

/// What one item of the model is: `predict`'s parameter.
template <class M>
using item_in_t = typename item_in<M>::type;

template <class M>
struct item_out {
  using type = std::remove_cvref_t<typename predict_signature<M>::result>;
};
template <class M>
requires is_batched<M>
struct item_out<M> {
  using type = typename std::remove_cvref_t<
    typename predict_signature<M>::result>::value_type;
};
template <class M>
requires is_streaming<M>
struct item_out<M> {
  using type = typename stream_of<arg_t<predict_signature<M>, 1>>::type;
};

/// What one item becomes.
template <class M>
using item_out_t = typename item_out<M>::type;

} // namespace troupe::hooks
