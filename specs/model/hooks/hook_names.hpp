#pragma once

/// The one list of hooks, and what follows from a name alone. What a hook takes
/// and gives is in hook_traits.hpp, what is refused in hook_checks.hpp.
namespace troupe::hooks {

/// The hooks that are plain functions: their signature says what they do.
#define TROUPE_EACH_PLAIN_HOOK(apply)                                          \
  apply(authorize) apply(decode_request) apply(predict) apply(admit)           \
    apply(step) apply(batch) apply(unbatch) apply(batch_key)                   \
      apply(encode_response)

/// All of them.
#define TROUPE_EACH_HOOK(apply)                                                \
  TROUPE_EACH_PLAIN_HOOK(apply)                                                \
  apply(setup) apply(warmup) apply(health) apply(capacity) apply(pure)

/// A member of each hook's name.
struct all_names {
#define TROUPE_HOOK_MEMBER(hook) int hook;
  TROUPE_EACH_HOOK(TROUPE_HOOK_MEMBER)
#undef TROUPE_HOOK_MEMBER
};

/// If `M` has the name, too, it is ambiguous in here, even if it is private,
/// overloaded or a template: there is no other way to ask for those.
template <class M>
struct named : M, all_names {};

/// `names_X<M>`: whether the class has a member of the hook's name, whatever it
/// is. A type of that name is the user's own affair.
#define TROUPE_NAMES_HOOK(hook)                                                \
  template <class M>                                                           \
  concept names_##hook = !requires {                                           \
    &named<M>::hook;                                                           \
  }                                                                            \
  &&!requires {                                                                \
    typename M::hook;                                                          \
  };
TROUPE_EACH_HOOK(TROUPE_NAMES_HOOK)
#undef TROUPE_NAMES_HOOK

/// `has_X<M>`: whether the class has one public function of a plain hook's
/// name, neither overloaded nor a template.
#define TROUPE_HAS_HOOK(hook)                                                  \
  template <class M>                                                           \
  concept has_##hook = requires {                                              \
    &M::hook;                                                                  \
  };
TROUPE_EACH_PLAIN_HOOK(TROUPE_HAS_HOOK)
#undef TROUPE_HAS_HOOK

#undef TROUPE_EACH_HOOK
#undef TROUPE_EACH_PLAIN_HOOK

} // namespace troupe::hooks
