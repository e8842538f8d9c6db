#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/pool/worker.hpp"
#include "troupe/actors/serve_order.hpp"
#include "troupe/actors/status/status_board.hpp"
#include "troupe/actors/supervision/report/place_history.hpp"
#include "troupe/actors/supervision/restart_budget.hpp"
#include "troupe/actors/supervision/scale/scale_policy.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

class thread_unit;

/// A WORKER and its thread; none for one that runs where its callers run.
struct spawned_worker {
  worker_actor worker = {};
  std::shared_ptr<thread_unit> unit = {};
};

/// Returns a number from 0 to less than 1.
double random_chance();

/// What a SUPERVISOR needs.
struct supervisor_config {
  std::shared_ptr<status_board> board = {};
  log_sink log = no_log();
  /// Gives dedicated workers threads of their own. Tests under CAF's test
  /// coordinator switch it off and run everything on one thread.
  bool threads = true;
  /// Where SUPERVISOR runs. It waits for threads of workers and must not run
  /// on one of them, nor on one that reads requests.
  unit_ptr home = {};
  /// For the slots of the workers.
  logged_value_sink values = {};
  callback_list callbacks = {};
  /// Spreads restarts, see `restart_budget`.
  std::function<double()> chance = random_chance;
  /// Called before a worker is spawned; throws what a system without threads
  /// would throw. For tests.
  std::function<void()> before_spawn = {};
};

struct supervisor_state {
  using time_point = deadline_clock::time_point;

  /// Which worker has a place.
  enum class place_use : std::uint8_t {
    /// None now; the next worker that comes takes the place.
    free,
    /// A worker that is here.
    local,
    /// One that stands for a worker on another machine.
    remote,
  };

  /// What becomes of a place whose worker was let go, when that has ended.
  enum class after_leave : std::uint8_t {
    /// It is free.
    release,
    /// Another worker takes it at once.
    restart,
    /// As after a death.
    replace,
    /// It stays empty until the child is revived, or a request loads it.
    rest,
    /// Another worker takes it at once: a request came for a child that was
    /// unloaded.
    wake,
  };

  /// What is known of a place, whichever worker has it.
  struct place_record {
    place_use use = place_use::free;
    /// It was added while serving.
    bool grown = false;
    /// A worker was ready in it.
    bool proven = false;
    /// The bound of the queue has a batch for it.
    bool in_bound = false;
    /// How often a worker could not be set up since one was ready last.
    std::size_t failures = 0;
    /// Requests wait for the first worker in it since the child was unloaded.
    bool awaited = false;
  };

  /// One worker's place.
  struct place {
    place_record record = {};
    worker_actor worker = {};
    std::shared_ptr<thread_unit> unit = {};
    std::shared_ptr<worker_watch> watch = {};
    /// Its model is set up.
    bool ready = false;
    /// A start is on its way.
    bool coming = false;
    /// It takes nothing new. One that is here ends after its last call.
    bool leaves = false;
    /// With `leaves`: what follows.
    after_leave then = after_leave::release;
    /// With `leaves`: its last call is over, and it was told to end.
    bool told = false;
    /// Since when its model says that it is not well.
    std::optional<time_point> sick_since = {};
    /// It is broken and about to end.
    bool ending = false;
    /// It does not come back.
    bool stuck = false;
    /// The call that nobody waits for, and since when it is known.
    worker_watch::call_id deserted = 0;
    time_point deserted_since = {};
    /// When it may be tried again after the budget was used up.
    std::optional<time_point> rests_until = {};

    /// Whether it can take a request.
    [[nodiscard]] bool usable() const noexcept {
      return ready && !stuck && !ending;
    }

    /// Whether it can, or may soon.
    [[nodiscard]] bool counts() const noexcept {
      return coming || (worker != nullptr && !stuck && (!leaves || renews()));
    }

    /// Whether it is for a worker that is here and stays.
    [[nodiscard]] bool is_local() const noexcept {
      return record.use == place_use::local
             && (!leaves || then != after_leave::release);
    }

    /// Whether another worker follows one that leaves.
    [[nodiscard]] bool renews() const noexcept {
      return leaves && record.use == place_use::local
             && (then == after_leave::restart || then == after_leave::replace
                 || then == after_leave::wake);
    }

    /// Empties it for the next worker of its kind.
    void vacate() {
      const auto kept = record;
      *this = {};
      record = kept;
    }
  };

  /// How many workers a child has, and why.
  struct child_scale {
    worker_range range = {};
    scale_policy policy{worker_count{}};
    /// The queue was asked how it is.
    bool asked = false;
    /// When workers may be added again after one could not be set up.
    time_point not_before = {};
    unsigned failures = 0;
  };

  /// Whether a child is unloaded, and what is known of its requests.
  struct child_sleep {
    /// It has no workers until a request comes.
    bool asleep = false;
    /// One has come, and no worker is ready since.
    bool waking = false;
    /// The queue will say when one comes.
    bool listens = false;
    /// The queue was asked how it is.
    bool asked = false;
    /// Since when it has had no request, at least.
    std::optional<time_point> quiet_since = {};
    /// How many requests the queue had taken by then.
    std::uint64_t taken = 0;
  };

  struct child {
    std::string key;
    serve_order_ptr config;
    std::vector<queue_actor> pools;
    /// The n-th belongs to the pool `n % pools.size()`. Never fewer; those that
    /// are free are used again.
    std::vector<place> places;
    restart_budget budget{restart_options{}};
    bool was_ready = false;
    /// It takes no new requests and goes once it has drained.
    bool retiring = false;
    /// It has, and its workers were told to end.
    bool ended = false;
    bool given_up = false;
    /// When a model that was given up is tried again.
    std::optional<time_point> revive_at = {};
    /// How often it was tried again since it was ready last.
    unsigned revivals = 0;
    child_scale scale = {};
    child_sleep sleep = {};
    /// Of the places, by their index.
    std::map<std::uint32_t, place_history> histories = {};
  };

  /// A worker that was replaced while it was in a call.
  struct lost_worker {
    spawned_worker worker;
    std::shared_ptr<worker_watch> watch;
    /// Of its child, which may be gone.
    std::string key;
    serve_order_ptr config;
    time_point since;
  };

  supervisor_state() = default;
  supervisor_state(const supervisor_state&) = delete;
  supervisor_state& operator=(const supervisor_state&) = delete;

  /// Ends what it supervised, should it end out of turn.
  ~supervisor_state();

  supervisor_config config;
  /// By name and number: a model may be replaced by one of its name while the
  /// old one still finishes its work.
  std::map<std::string, child> children;
  std::vector<lost_worker> lost;
  /// The key of the child of each worker that has not ended, by its id: those
  /// in a place, and those that are lost.
  std::unordered_map<caf::actor_id, std::string> watched;
  std::uint64_t generation = 0;
  bool tick_pending = false;
  bool stopping = false;
  time_point stop_deadline = {};
  std::uint32_t abandoned = 0;
  std::vector<caf::typed_response_promise<stop_report>> stop_promises;
  static inline const char* name = "troupe-supervisor";
};

using supervisor_pointer = supervisor_actor::stateful_pointer<supervisor_state>;

/// The SUPERVISOR actor. A worker that dies is replaced after a back-off, as
/// long as the budget lasts; one that does not come back from its model is
/// replaced, too. A model without a worker that is there or will come is given
/// up, and tried again after a pause. No exception ends SUPERVISOR: a worker
/// that cannot be started is one that could not be set up.
supervisor_actor::behavior_type supervisor(supervisor_pointer self,
                                           supervisor_config config);

/// Spawns a SUPERVISOR at its home.
supervisor_actor spawn_supervisor(caf::actor_system& sys,
                                  supervisor_config config);

} // namespace troupe
