#pragma once

#include "troupe/actors/vocabulary.hpp"

#include <caf/all.hpp>

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace troupe::bench {

/// A system that knows the messages.
class idle_system {
public:
  idle_system();

  caf::actor_system_config config = {};
  caf::actor_system system;
};

/// Handles of actors that do nothing: a queue tells its workers apart by them.
class handles {
public:
  handles(caf::actor_system& sys, std::size_t n);

  ~handles();

  handles(const handles&) = delete;
  handles& operator=(const handles&) = delete;

  [[nodiscard]] std::uint32_t index_of(const worker_actor& x) const {
    return index_.find(x.id())->second;
  }

  std::vector<worker_actor> all = {};

private:
  std::unordered_map<caf::actor_id, std::uint32_t> index_;
};

} // namespace troupe::bench
