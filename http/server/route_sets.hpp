#pragma once

#include "troupe/specs/spec/spec.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace troupe {

/// The routes that a program adds to the server itself: those before the start
/// are one spec, each later one is a spec of its own.
class route_sets {
public:
  /// Adds a route to the set that `take` hands out.
  void collect(endpoint e, handler h);

  /// Returns the set of all collected routes, once; null when there are none.
  [[nodiscard]] std::shared_ptr<spec> take() noexcept;

  /// Makes a set of a single route.
  [[nodiscard]] std::shared_ptr<spec> make_single(endpoint e, handler h);

private:
  [[nodiscard]] std::shared_ptr<spec> make_set();

  std::shared_ptr<spec> collected_;
  /// How many sets were made.
  std::size_t count_ = 0;
};

/// Returns what registers an endpoint, as messages show it:
/// `server.get("/ping")`.
std::string origin_of_route(const endpoint& e);

} // namespace troupe
