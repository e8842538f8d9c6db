#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/actors/pool/worker.hpp"
#include "troupe/actors/serve_order.hpp"
#include "troupe/actors/status/status_board.hpp"
#include "troupe/actors/supervision/restart_budget.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

class thread_unit;

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
};

struct supervisor_state {
  struct place {
    worker_actor worker = {};
    std::shared_ptr<thread_unit> unit = {};
    bool ready = false;
  };

  struct child {
    std::string key;
    serve_order_ptr config;
    std::vector<queue_actor> pools;
    /// The n-th belongs to the pool `n % pools.size()`.
    std::vector<place> places;
    restart_budget budget{restart_options{}};
    bool was_ready = false;
    bool retiring = false;
  };

  supervisor_config config;
  /// By name and number: a model may be replaced by one of its name while the
  /// old one still finishes its work.
  std::map<std::string, child> children;
  std::uint64_t generation = 0;
  bool stopping = false;
  deadline_clock::time_point stop_deadline = {};
  std::uint32_t abandoned = 0;
  std::vector<caf::typed_response_promise<stop_report>> stop_promises;
  static inline const char* name = "troupe-supervisor";
};

/// The SUPERVISOR actor. A worker that dies is replaced after a back-off; one
/// that dies before its model was ever ready, or once too often, makes the
/// model fail for good.
supervisor_actor::behavior_type
supervisor(supervisor_actor::stateful_pointer<supervisor_state> self,
           supervisor_config config);

/// Spawns a SUPERVISOR at its home.
supervisor_actor spawn_supervisor(caf::actor_system& sys,
                                  supervisor_config config);

} // namespace troupe
