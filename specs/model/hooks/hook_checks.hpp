#pragma once

#include "troupe/specs/model/hooks/predict_checks.hpp"

#include <type_traits>
#include <utility>

/// Refuses, at compile time, what cannot work, and shows what does. A member
/// with a hook's name that is not that hook is never just left out: the model
/// might be open to all because of a slip in `authorize`.
namespace troupe::hooks {

template <class M>
constexpr bool can_authorize() {
  if constexpr (has_authorize<M>) {
    using hook = decltype(&M::authorize);
    using result = typename signature_of<hook>::result;
    return (
      std::is_same_v<
        result, bool> || std::is_void_v<result>)&&can_call_in_context<hook, M,
                                                                      request&>;
  } else {
    return false;
  }
}

template <class M>
constexpr bool can_decode() {
  if constexpr (has_decode_request<M>) {
    using hook = decltype(&M::decode_request);
    using sig = signature_of<hook>;
    using arg = arg_t<sig, 0>;
    using given = std::conditional_t<std::is_same_v<arg, request>, request&,
                                     std::add_rvalue_reference_t<arg>>;
    if constexpr (arity<sig> == 0)
      return false;
    else
      return std::is_convertible_v<
               typename sig::result,
               item_in_t<M>> && can_call_in_context<hook, M, given>;
  } else {
    return false;
  }
}

template <class M>
constexpr bool can_encode() {
  if constexpr (has_encode_response<M>) {
    using hook = decltype(&M::encode_response);
    using sig = signature_of<hook>;
    if constexpr (arity<sig> == 0)
      return false;
    else
      return can_go_out<std::remove_cvref_t<
               typename sig::
                 result>> && can_call_in_context<hook, M, item_out_t<M>>;
  } else {
    return false;
  }
}

template <class M>
constexpr bool can_unbatch() {
  if constexpr (has_unbatch<M> && loop_of<M> == loop::batched) {
    using hook = decltype(&M::unbatch);
    using result = typename signature_of<hook>::result;
    return list_of_outputs<std::remove_cvref_t<
             result>> && can_call<hook, M, typename predict_signature<M>::result>;
  } else {
    return false;
  }
}

template <class M>
constexpr bool check_unbatch() {
  constexpr bool ok = !names_unbatch<M> || can_unbatch<M>();
  static_assert(ok,
                "unbatch needs a batched predict and is one public function, "
                "neither overloaded nor a template, e.g.  tensor "
                "batch(std::span<const In> xs);  tensor predict(const tensor& "
                "x);  std::vector<Out> unbatch(const tensor& y);");
  return ok;
}

template <class M>
constexpr bool can_tell_keys() {
  if constexpr (has_batch_key<M> && is_batched<M>)
    return requires(M & m, item_in_t<M> & x) {
      m.batch_key(x) == m.batch_key(x);
    };
  else
    return false;
}

/// Checks the hooks that have nothing to do with items.
template <class M>
constexpr bool check_plain_hooks() {
  static_assert(
    !names_setup<
      M> || sets_up_for_slot<M> || sets_up_for_device<M> || sets_up<M>,
    "setup is public and takes nothing, a device or a slot, e.g.  "
    "void setup(const std::string& device);  or  void setup(const "
    "troupe::worker_slot& slot);");
  static_assert(!names_warmup<M> || has_warmup<M>,
                "warmup is public and takes nothing, e.g.  void warmup();");
  static_assert(!names_health<M> || has_health<M>,
                "health is public, takes nothing and says whether the model "
                "is well, e.g.  bool health();");
  static_assert(!names_pure<M> || says_pure<M>,
                "pure is a public constant, e.g.  static constexpr bool pure "
                "= true;");
  static_assert(!names_authorize<M> || can_authorize<M>(),
                "authorize is one public function, neither overloaded nor a "
                "template, that returns bool, or void and throws, and may take "
                "a context, e.g.  bool authorize(const troupe::request& "
                "request);");
  return true;
}

template <class M>
constexpr bool check_items() {
  static_assert(!names_decode_request<M> || can_decode<M>(),
                "decode_request is one public function, neither overloaded "
                "nor a template, that makes one item for predict or admit and "
                "may take a context, e.g.  double decode_request(const "
                "nlohmann::json& body);");
  static_assert(!names_encode_response<M> || can_encode<M>(),
                "encode_response is one public function, neither overloaded "
                "nor a template, that makes an answer of one output and may "
                "take a context, e.g.  nlohmann::json encode_response(double "
                "y);");
  static_assert(names_encode_response<M> || can_go_out<item_out_t<M>>,
                "what the model makes must become JSON, by TROUPE_FIELDS or "
                "by  nlohmann::json encode_response(const Out& y);");
  static_assert(!names_batch_key<M> || can_tell_keys<M>(),
                "batch_key needs a batched predict and is one public function, "
                "neither overloaded nor a template, that makes of one item "
                "what can be compared, e.g.  int batch_key(const In& x);");
  constexpr bool opens =
    loop_of<M> == loop::continuous || loop_of<M> == loop::async;
  static_assert(!names_capacity<M> || (opens && has_capacity<M>),
                "capacity is public, takes nothing and says how many requests "
                "a model with admit and step, or with a promise, has open at "
                "once, e.g.  std::size_t capacity() const;");
  return true;
}

/// @returns whether there is no fault; the faults are errors of the compiler.
template <class M>
constexpr bool check() {
  static_assert(std::is_class_v<M>, "a model is a class");
  static_assert(!std::is_final_v<M>,
                "a model must not be final: only from a class of its own can "
                "the server see all names of its hooks");
  if constexpr (std::is_class_v<M> && !std::is_final_v<M>) {
    constexpr bool steps = names_admit<M> || names_step<M>;
    static_assert(names_predict<M> || steps,
                  "a model needs one predict, neither overloaded nor a "
                  "template, e.g.  double predict(double x);");
    static_assert(!names_predict<M> || !steps,
                  "a model has either predict or admit and step, not both");
    static_assert(!names_batch<M> || !steps,
                  "batch needs a predict; admit takes one request");
    if constexpr (!check_plain_hooks<M>()) {
      return false;
    } else if constexpr (names_predict<M> == steps) {
      return false;
    } else if constexpr (steps) {
      if constexpr (!names_batch<M> && check_steps<M>())
        if constexpr (check_unbatch<M>())
          return check_items<M>();
    } else if constexpr (check_batch<M>()) {
      if constexpr (check_predict<M>())
        if constexpr (check_unbatch<M>())
          return check_items<M>();
    }
  }
  return false;
}

} // namespace troupe::hooks
