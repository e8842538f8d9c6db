#pragma once

#include <caf/all.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

/// Threads that run actors, and actors that run where they are placed: the part
/// of `caf_compat.hpp` that is about execution units.
namespace troupe {

/// Runs actors, one after the other. `exec_later` queues a job and takes its
/// reference.
using execution_unit = caf::execution_unit;

/// An actor that has messages to handle.
using actor_job = caf::resumable;

/// Gives back the reference that came with a job.
inline void release_job(actor_job* job) {
  caf::intrusive_ptr_release(job);
}

/// What a unit does next, with a reference to the actor.
struct unit_job {
  actor_job* actor = nullptr;
  /// A message that goes past the mailbox. The actor had nothing to do and is
  /// claimed: nobody else runs it, and messages that come meanwhile wait. Null:
  /// the actor takes its next message from the mailbox.
  caf::mailbox_element_ptr message = {};
};

/// A unit of Troupe's own: a thread that runs what its actors send to at once.
class own_unit : public execution_unit {
public:
  using execution_unit::execution_unit;

  /// Queues a message for an actor if the actor has nothing to do and the
  /// calling thread is the unit's. A mailbox with its lists costs several times
  /// as much as most handlers.
  /// @returns whether it did; otherwise `x` is left as it is
  virtual bool take(caf::scheduled_actor& /*to*/,
                    caf::mailbox_element_ptr& /*x*/) {
    return false;
  }
};

/// Shared by the actors that live there.
using unit_ptr = std::shared_ptr<execution_unit>;

/// Claims an actor for a message. @returns whether it had nothing to do
inline bool claim_actor(unit_job& result, caf::scheduled_actor& to,
                        caf::mailbox_element_ptr& x) {
  if (!to.mailbox().try_unblock())
    return false;
  caf::intrusive_ptr_add_ref(static_cast<actor_job*>(&to));
  result = {&to, std::move(x)};
  return true;
}

/// Claims an actor for a message, and puts it behind the jobs of its unit.
/// @returns whether it had nothing to do
template <class Jobs>
bool claim_into(Jobs& jobs, caf::scheduled_actor& to,
                caf::mailbox_element_ptr& x) {
  unit_job job;
  if (!claim_actor(job, to, x))
    return false;
  jobs.push_back(std::move(job));
  return true;
}

/// Lets an actor handle a message past its mailbox.
/// @returns whether it has more to do
inline bool pass_message(execution_unit& unit, caf::scheduled_actor& to,
                         caf::mailbox_element_ptr x) {
  using outcome = caf::scheduled_actor::activation_result;
  const auto how = to.activate(&unit, *x);
  if (how == outcome::terminated)
    return false;
  if (how == outcome::skipped)
    // The actor waits for another message first.
    to.mailbox().push_back(std::move(x));
  else
    // The actor may have waited for this message.
    to.mailbox().flush_cache();
  x.reset();
  return !to.mailbox().try_block();
}

/// Lets an actor handle its message, or up to `n` from its mailbox, on the
/// calling thread.
/// @returns whether it has more to do; otherwise the job is released
inline bool run_job(execution_unit& unit, unit_job& job, std::size_t n) {
  const auto more =
    job.message != nullptr
      ? pass_message(unit, *static_cast<caf::scheduled_actor*>(job.actor),
                     std::move(job.message))
      : job.actor->resume(&unit, n) == actor_job::resume_later;
  if (!more)
    release_job(job.actor);
  return more;
}

/// A job that lets an actor handle its message, and queues the actor as a usual
/// job when it has more to do.
class first_message final : public actor_job, public caf::ref_counted {
public:
  explicit first_message(unit_job job) : job_(std::move(job)) {
    // nop
  }

  resume_result resume(execution_unit* unit, std::size_t n) override {
    if (run_job(*unit, job_, n))
      unit->exec_later(job_.actor);
    return done;
  }

  void intrusive_ptr_add_ref_impl() override {
    ref();
  }

  void intrusive_ptr_release_impl() override {
    deref();
  }

private:
  unit_job job_;
};

/// The thread that lets the actor handle a message never comes back: the
/// system must not wait for its end.
inline void forget_job(actor_job* job) {
  if (auto* x = dynamic_cast<caf::abstract_actor*>(job))
    x->unregister_from_system();
}

/// Gives a job to the system's scheduler. Used after a unit's end, so that its
/// actors can still end.
inline void run_on_scheduler(caf::actor_system& sys, unit_job job) {
  // Messages in the mailbox came later.
  auto* next =
    job.message != nullptr ? new first_message{std::move(job)} : job.actor;
  sys.scheduler().enqueue(next);
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
    : Base(cfg, std::forward<Ts>(xs)...),
      where_(std::move(where)),
      own_home_(dynamic_cast<own_unit*>(where_.home.get())) {
    // nop
  }

  using Base::enqueue;

  void enqueue(caf::mailbox_element_ptr ptr, execution_unit* from) override {
    auto* unit = where_.home.get();
    auto* own = own_home_;
    if (unit == nullptr || where_.visits) {
      auto* theirs = dynamic_cast<own_unit*>(from);
      if (unit == nullptr
          || (theirs != nullptr || (from != nullptr && !where_.only_own))) {
        unit = from;
        own = theirs;
      }
    }
    if (own == nullptr || !own->take(*this, ptr))
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
    // Only sets up here; messages are handled at its home.
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
  placement where_;
  /// The home, if it is one of Troupe's own.
  own_unit* own_home_;
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

} // namespace troupe
