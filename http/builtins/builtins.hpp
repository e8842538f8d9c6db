#pragma once

#include "troupe/actors/table/endpoint_table.hpp"
#include "troupe/http/builtins/front_shared.hpp"
#include "troupe/http/options.hpp"
#include "troupe/specs/values/reply.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// Troupe's own endpoints; the number is their `endpoint_index`.
enum class builtin : std::uint8_t {
  root,
  health,
  livez,
  readyz,
  startupz,
  info,
  shutdown,
  metrics,
};

/// Whether it is one that an orchestrator asks for the server's state.
[[nodiscard]] constexpr bool is_probe(builtin x) noexcept {
  return x == builtin::health || x == builtin::livez || x == builtin::readyz
         || x == builtin::startupz;
}

/// The entries of the built-ins that the options leave on.
std::vector<table_entry> builtin_entries(const server_options& options);

/// Answers a built-in, on the I/O thread and without asking an actor.
reply answer_builtin(builtin which, const front_shared& shared);

} // namespace troupe
