#pragma once

#include <caf/all.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
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

// -- threads that run actors --------------------------------------------------

/// Runs actors, one after the other. `exec_later` queues a job and takes its
/// reference.
using execution_unit = caf::execution_unit;

/// A unit of Troupe's own: a thread that runs what its actors send to at once.
class own_unit : public execution_unit {
public:
  using execution_unit::execution_unit;
};

/// Shared by the actors that live there.
using unit_ptr = std::shared_ptr<execution_unit>;

/// An actor that has messages to handle.
using actor_job = caf::resumable;

/// Gives back the reference that came with a job.
inline void release_job(actor_job* job) {
  caf::intrusive_ptr_release(job);
}

/// Lets an actor handle up to `n` messages on the calling thread.
/// @returns whether it has more to do; otherwise the job is released
inline bool run_job(execution_unit& unit, actor_job* job, std::size_t n) {
  if (job->resume(&unit, n) == actor_job::resume_later)
    return true;
  release_job(job);
  return false;
}

/// The thread that lets the actor handle a message never comes back: the
/// system must not wait for its end.
inline void forget_job(actor_job* job) {
  if (auto* x = dynamic_cast<caf::abstract_actor*>(job))
    x->unregister_from_system();
}

/// Gives a job to the system's scheduler: for what comes after a unit's end, so
/// that an actor that has to end still can.
inline void run_on_scheduler(caf::actor_system& sys, actor_job* job) {
  sys.scheduler().enqueue(job);
}

/// Where an actor runs.
struct placement {
  /// Its unit. Null: that of the sender, or else the system's scheduler.
  unit_ptr home = {};
  /// Whether it runs on the unit of the sender, if that has one of Troupe's:
  /// for actors that only hand over and serve several threads.
  bool visits = false;
  /// The unit for what comes before its first message. Null: `home`.
  unit_ptr setup = {};
  /// Whether it visits units of Troupe's own only: for actors that CAF's
  /// middleman sends to, which would hand them to the scheduler.
  bool only_own = false;
};

/// An actor class whose instances run where their placement says, whoever
/// sends to them.
template <class Base>
class placed : public Base {
public:
  template <class... Ts>
  placed(caf::actor_config& cfg, placement where, Ts&&... xs)
    : Base(cfg, std::forward<Ts>(xs)...), where_(std::move(where)) {
    // nop
  }

  using Base::enqueue;

  void enqueue(caf::mailbox_element_ptr ptr, execution_unit* from) override {
    auto* unit = where_.home.get();
    if (unit == nullptr || (where_.visits && may_visit(from)))
      unit = from;
    Base::enqueue(std::move(ptr), unit);
  }

  void launch(execution_unit* from, bool lazy, bool hide) override {
    auto* unit =
      where_.setup != nullptr ? where_.setup.get() : where_.home.get();
    Base::launch(unit != nullptr ? unit : from, lazy, hide);
  }

  actor_job::resume_result resume(execution_unit* unit,
                                  std::size_t n) override {
    if (where_.setup == nullptr)
      return Base::resume(unit, n);
    // Sets up and handles nothing; messages are for its home.
    auto home = where_.home;
    where_.setup = nullptr;
    auto result = Base::resume(unit, 0);
    if (result != actor_job::resume_later)
      return result;
    // From here on it may run at home.
    caf::intrusive_ptr_add_ref(static_cast<actor_job*>(this));
    home->exec_later(this);
    return actor_job::awaiting_message;
  }

private:
  [[nodiscard]] bool may_visit(execution_unit* from) const noexcept {
    return from != nullptr
           && (!where_.only_own || dynamic_cast<own_unit*>(from) != nullptr);
  }

  placement where_;
};

/// An actor with a state whose behavior a function makes.
template <class State, class Base>
class placed_function final : public placed<caf::stateful_actor<State, Base>> {
public:
  using super = placed<caf::stateful_actor<State, Base>>;
  using behavior_type = typename Base::behavior_type;
  using function =
    std::function<behavior_type(caf::stateful_actor<State, Base>*)>;

  placed_function(caf::actor_config& cfg, placement where, function make)
    : super(cfg, std::move(where)), make_(std::move(make)) {
    // nop
  }

  behavior_type make_behavior() override {
    return std::exchange(make_, nullptr)(this);
  }

private:
  function make_;
};

/// Spawns an actor of a function `behavior(stateful_pointer, config)`.
template <caf::spawn_options Options = caf::no_spawn_options, class State,
          class Base, class Config>
auto spawn_placed(caf::actor_system& sys, placement where,
                  typename Base::behavior_type (*make)(
                    caf::stateful_actor<State, Base>*, Config),
                  Config config) {
  return sys.spawn<placed_function<State, Base>, Options>(
    std::move(where), [make, config = std::move(config)](auto* self) mutable {
      return make(self, std::move(config));
    });
}

/// The same, hidden from the system, which ends without waiting for the actor:
/// the caller waits, or leaves it behind.
template <class State, class Base, class Config>
auto spawn_hidden(caf::actor_system& sys, placement where,
                  typename Base::behavior_type (*make)(
                    caf::stateful_actor<State, Base>*, Config),
                  Config config) {
  return spawn_placed<caf::hidden>(sys, std::move(where), make,
                                   std::move(config));
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

/// Sends without a sender from a thread that is no actor. With a `host`, the
/// a receiver that may runs on that unit, which must belong to the calling
/// thread; see `placement`.
template <class Handle, class... Ts>
void tell_on(execution_unit* host, const Handle& receiver, Ts&&... xs) {
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
/// that is gone does no harm; a receiver that may runs where `self` runs.
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

} // namespace troupe
