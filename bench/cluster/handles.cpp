#include "troupe/bench/cluster/handles.hpp"

#include "troupe/actors/runtime/runtime.hpp"

namespace troupe::bench {

namespace {

worker_actor::behavior_type nobody(worker_actor::pointer) {
  return {
    [](const exchange_ptr&) {},
    [](const batch_ptr&) {},
    [](atom::tick) {},
    [](const job_ptr&) {},
  };
}

} // namespace

idle_system::idle_system() : system((prepare(config), config)) {
  // nop
}

handles::handles(caf::actor_system& sys, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    all.push_back(sys.spawn(nobody));
    index_.emplace(all.back().id(), static_cast<std::uint32_t>(i));
  }
}

handles::~handles() {
  for (const auto& x : all)
    caf::anon_send_exit(x, caf::exit_reason::kill);
}

} // namespace troupe::bench
