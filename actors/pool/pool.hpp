#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/pool/batch_policy.hpp"
#include "troupe/specs/values/log.hpp"

#include <deque>
#include <string>
#include <vector>

namespace troupe {

/// What a POOL needs.
struct pool_options {
  std::string model = {};
  batch_options batch = {};
  /// Exchanges of a dead worker are tried once more.
  bool idempotent = false;
  log_sink log = no_log();
  /// The bound in front of the pool; null for none. It has a full batch of each
  /// worker in it; a worker that takes more raises it while it is there.
  std::shared_ptr<admission> gate = {};
};

struct pool_state {
  /// One worker's place. The exchanges it runs stay here until it reports
  /// idle, so that its death leaves nobody without an answer.
  struct slot {
    worker_actor worker = {};
    std::vector<exchange_ptr> running = {};
    /// Calls that it may be given now.
    std::uint32_t room = 0;
    /// Calls that it takes at once.
    std::uint32_t capacity = 1;
    /// By how much it raised the bound.
    std::size_t raised = 0;
  };

  struct waiting {
    exchange_ptr ex;
    deadline_clock::time_point since;
  };

  struct shunned_input {
    std::uint64_t mark;
    deadline_clock::time_point until;
  };

  pool_options options;
  batch_policy policy{batch_options{}};
  std::deque<waiting> queue;
  std::vector<slot> slots;
  /// Slots that wait for work, the one used last on top: its caches are warm.
  std::vector<std::uint32_t> idle;
  /// Numbers the open batch; a tick for an older one is stale.
  std::uint64_t open_batch = 0;
  bool tick_pending = false;
  bool refusing = false;
  /// Why there is no worker and will be none for a while, as clients read it;
  /// empty while there may be one.
  std::string failed = {};
  std::vector<shunned_input> shunned;
  std::vector<caf::typed_response_promise<atom::drained>> drain_promises;
  static inline const char* name = "troupe-pool";
};

/// The POOL actor: the queue of one model. It never runs a model itself; it
/// runs wherever its callers run, for a microsecond at a time.
pool_actor::behavior_type pool(pool_actor::stateful_pointer<pool_state> self,
                               pool_options options);

} // namespace troupe
