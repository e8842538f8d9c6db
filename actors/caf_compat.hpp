#pragma once

#include "troupe/actors/caf_elements.hpp"
#include "troupe/actors/caf_units.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

/// With `caf_units.hpp` the only header that knows how CAF versions differ in
/// spelling. Troupe is written for 0.17; this header hides what 0.18 and later
/// spell differently. `CAF_VERSION` itself must not be compared: 1.x releases
/// build it without the major number.
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

/// An interface with further messages. Its handles convert to those of the
/// smaller one.
template <class Interface, class... Handles>
using extended_interface =
  typename Interface::template extend<typename Handles::type...>;

// -- values that may travel to other machines ---------------------------------

/// Lists the members of a value; for its `inspect`.
template <class Inspector, class... Ts>
auto inspect_members(Inspector& f, const char* type_name, Ts&... xs) {
  return f(caf::meta::type_name(type_name), xs...);
}

// -- inside an actor ----------------------------------------------------------

/// Returns the state of an actor.
template <class Self>
auto& state_of(Self* self) {
  return self->state;
}

/// Returns the unit that runs an actor at present.
template <class Self>
execution_unit* host_of(Self* self) {
  return self->context();
}

/// Calls `f(caf::actor_addr, caf::error)` when an actor that is monitored has
/// ended.
template <class Self, class F>
void on_down(Self* self, F f) {
  self->set_down_handler(
    [f](const caf::down_msg& dm) { f(dm.source, dm.reason); });
}

/// Calls `f()` before an actor that is told to end does so.
template <class Self, class F>
void on_exit(Self* self, F f) {
  self->set_exit_handler([self, f](caf::exit_msg& msg) {
    f();
    self->quit(std::move(msg.reason));
  });
}

/// Waits for the end of an actor. @returns whether it came in time
template <class Handle, class Duration>
bool wait_for_end(caf::scoped_actor& self, const Handle& whom,
                  Duration timeout) {
  auto ended = true;
  self->monitor(whom);
  self->receive([](const caf::down_msg&) {},
                caf::after(timeout) >> [&] { ended = false; });
  if (!ended)
    self->demonitor(whom.address());
  return ended;
}

// -- sending ------------------------------------------------------------------

/// Sends without a sender from a thread that is not an actor. With a `host`, a
/// receiver that may visit other threads (see `placement`) runs on that unit,
/// which must belong to the calling thread.
template <class Handle, class... Ts>
void tell_on(execution_unit* host, const Handle& receiver, Ts&&... xs) {
  // The cast of a null handle is not null: it adds an offset.
  if (receiver != nullptr)
    caf::actor_cast<caf::abstract_actor*>(receiver)->enqueue(
      make_element(std::forward<Ts>(xs)...), host);
}

/// Sends without a sender. Safe from every thread.
template <class Handle, class... Ts>
void tell(const Handle& receiver, Ts&&... xs) {
  tell_on(nullptr, receiver, std::forward<Ts>(xs)...);
}

/// Sends from an actor and expects nothing back, so a receiver that has ended
/// does no harm. A receiver that may visit other threads runs where `self`
/// runs.
template <class Self, class Handle, class... Ts>
void tell_from(Self* self, const Handle& receiver, Ts&&... xs) {
  tell_on(self->context(), receiver, std::forward<Ts>(xs)...);
}

/// Sends to an actor itself after a while.
template <class Self, class Duration, class... Ts>
void tell_later(Self* self, Duration delay, Ts&&... xs) {
  self->delayed_send(self, delay, std::forward<Ts>(xs)...);
}

/// The longest delay of a message: CAF's clock cannot take one back, and keeps
/// its receiver alive until it is due.
inline constexpr std::chrono::milliseconds longest_delay{100};

/// Sends to an actor itself at a time, but after `longest_delay` at the latest:
/// a far time is approached in steps, and the receiver looks at the clock.
template <class Self, class Time, class... Ts>
void tell_by(Self* self, Time due, Ts&&... xs) {
  using duration = typename Time::duration;
  tell_later(self,
             std::clamp<duration>(due - self->clock().now(), duration::zero(),
                                  longest_delay),
             std::forward<Ts>(xs)...);
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

} // namespace troupe
