#pragma once

#include <caf/all.hpp>

#include <cstdint>
#include <string>
#include <utility>

/// The only header that knows how CAF versions differ in spelling. Troupe is
/// written for 0.17; what 0.18 and later spell otherwise is hidden here.
/// `CAF_VERSION` itself must not be compared: 1.x releases build it without
/// the major number.
#define TROUPE_CAF_LEGACY (CAF_MAJOR_VERSION == 0 && CAF_MINOR_VERSION < 18)

#if !TROUPE_CAF_LEGACY
#error "Troupe supports CAF 0.17; newer versions need their branch here"
#endif

namespace troupe {

// -- interfaces ---------------------------------------------------------------

/// One message of an interface: `handles<R(Ts...)>` takes Ts and answers R;
/// `void` for none.
template <class Signature>
struct handles;

template <class R, class... Ts>
struct handles<R(Ts...)> {
  using type = typename caf::replies_to<Ts...>::template with<R>;
};

template <class... Ts>
struct handles<void(Ts...)> {
  using type = caf::reacts_to<Ts...>;
};

/// A typed actor that handles the listed messages.
template <class... Handles>
using actor_interface = caf::typed_actor<typename Handles::type...>;

// -- sending ------------------------------------------------------------------

/// Sends without a sender from a thread that is no actor. With a `host`, the
/// receiver runs on that execution unit, which must belong to the calling
/// thread; without, on the system's scheduler.
template <class Handle, class... Ts>
void tell_on(caf::execution_unit* host, const Handle& receiver, Ts&&... xs) {
  // The cast makes no null of a null handle: it adds an offset.
  if (receiver != nullptr)
    caf::actor_cast<caf::abstract_actor*>(receiver)->eq_impl(
      caf::make_message_id(), nullptr, host, std::forward<Ts>(xs)...);
}

/// Sends without a sender. Safe from every thread.
template <class Handle, class... Ts>
void tell(const Handle& receiver, Ts&&... xs) {
  tell_on(nullptr, receiver, std::forward<Ts>(xs)...);
}

/// Sends from an actor without expecting anything back, so that a receiver
/// that is gone does no harm; the receiver runs where `self` runs.
template <class Self, class Handle, class... Ts>
void tell_from(Self* self, const Handle& receiver, Ts&&... xs) {
  tell_on(self->context(), receiver, std::forward<Ts>(xs)...);
}

/// Sends to an actor itself after a while.
template <class Self, class Duration, class... Ts>
void tell_later(Self* self, Duration delay, Ts&&... xs) {
  self->delayed_send(self, delay, std::forward<Ts>(xs)...);
}

/// Returns the text of an error for a log line.
inline std::string text_of(const caf::error& reason) {
  // The error of a normal end has no context to ask for.
  if (!reason)
    return "normal end";
  const auto& context = reason.context();
  if (context.empty())
    return caf::to_string(reason);
  if (context.match_elements<std::string>()
      || context.match_elements<std::string, std::uint64_t>())
    return context.get_as<std::string>(0);
  return caf::to_string(context);
}

/// Returns the number that stands beside the text of an error, or 0.
inline std::uint64_t number_of(const caf::error& reason) {
  if (reason && reason.context().match_elements<std::string, std::uint64_t>())
    return reason.context().get_as<std::uint64_t>(1);
  return 0;
}

// -- watching -----------------------------------------------------------------

/// Calls `f` with the reason when the actor ends, on the thread on which it
/// does; at once when it has ended.
template <class Handle, class F>
void when_ended(const Handle& x, F f) {
  caf::actor_cast<caf::abstract_actor*>(x)->attach_functor(std::move(f));
}

/// Returns whether an actor ended because nobody had a handle any more.
inline bool is_unreachable(const caf::error& reason) {
  return reason == caf::exit_reason::unreachable;
}

} // namespace troupe
