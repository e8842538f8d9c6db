#pragma once

#include "troupe/actors/caf_compat.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

/// For threads that are not actors and wait for answers of actors.
namespace troupe {

/// For answers that the callee gives soon.
constexpr std::chrono::seconds control_timeout{10};

/// For the end of actors and threads that have nothing to do any more.
constexpr std::chrono::seconds end_timeout{2};

/// Asks an actor for what it answers soon.
/// @throws std::runtime_error with `what` before the reason when it does not
template <class T, class Handle, class... Ts>
T ask(caf::actor_system& sys, const std::string& what, const Handle& whom,
      Ts... xs) {
  T result;
  caf::scoped_actor self{sys, true};
  self->request(whom, control_timeout, std::move(xs)...)
    .receive([&](const T& x) { result = x; },
             [&](const caf::error& e) {
               throw std::runtime_error(what + ": " + text_of(e));
             });
  return result;
}

/// Tells an actor to end and waits, though not for long.
template <class Handle>
void end_actor(caf::scoped_actor& self, const Handle& whom) {
  if (whom == nullptr)
    return;
  self->send_exit(whom, caf::exit_reason::user_shutdown);
  wait_for_end(self, whom, end_timeout);
}

} // namespace troupe
