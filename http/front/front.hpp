#pragma once

#include "troupe/actors/interfaces.hpp"
#include "troupe/http/connection/io_thread.hpp"
#include "troupe/http/front/listener.hpp"

#include <memory>
#include <vector>

namespace troupe {

/// What a FRONT needs: threads that run and a listener that is bound.
struct front_config {
  std::vector<std::shared_ptr<io_thread>> threads = {};
  std::shared_ptr<troupe::listener> listener = {};
};

struct front_state {
  front_config config;
  bool accepting = false;
  std::vector<bool> quiet;
  std::vector<caf::typed_response_promise<atom::drained>> promises;
  static inline const char* name = "troupe-front";
};

/// The FRONT actor: controls the I/O threads. Requests do not pass through it;
/// the threads hand them on themselves. Begins to accept with the first table.
front_actor::behavior_type
front(front_actor::stateful_pointer<front_state> self, front_config config);

} // namespace troupe
