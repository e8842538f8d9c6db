#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/http/connection/io_thread.hpp"
#include "troupe/http/front/listener.hpp"

#include <memory>
#include <vector>

namespace troupe {

/// What a FRONT needs: its thread, which runs.
struct front_config {
  std::shared_ptr<io_thread> thread = {};
  /// The listener if it belongs to this thread, bound; else null.
  std::shared_ptr<troupe::listener> listener = {};
};

struct front_state {
  front_config config;
  std::vector<caf::typed_response_promise<atom::drained>> promises;
  static inline const char* name = "troupe-front";
};

/// The FRONT actor of one I/O thread, where it lives: gives the thread each
/// version of the table, accepts, quiesces, stops.
front_actor::behavior_type
front(front_actor::stateful_pointer<front_state> self, front_config config);

} // namespace troupe
