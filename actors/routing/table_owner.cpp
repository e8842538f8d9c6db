#include "troupe/actors/routing/table_owner.hpp"

#include <chrono>
#include <string>

namespace troupe {

namespace {

using table_pointer = table_actor::stateful_pointer<table_owner_state>;

/// A FRONT whose thread is inside an inline model does not answer until the
/// model returns. It gets the version all the same; the old one serves until
/// then.
constexpr std::chrono::seconds longest_confirmation{5};

/// Sends a version to a front and calls `then` when the front has it.
template <class F>
void give(table_pointer self, const front_actor& to, F then) {
  const auto& current = state_of(self).config.versions->current();
  self->request(to, longest_confirmation, current)
    .then([then](atom::ready) mutable { then(); },
          [then](const caf::error&) mutable { then(); });
}

/// Sends a version to all fronts and answers when they have it.
caf::result<snapshot_ptr> publish(table_pointer self) {
  auto& st = state_of(self);
  const auto current = st.config.versions->current();
  st.config.cell->store(current);
  auto promise = self->make_response_promise<snapshot_ptr>();
  auto left = std::make_shared<std::size_t>(st.fronts.size() + 1);
  auto one_less = [promise, current, left]() mutable {
    if (--*left == 0)
      promise.deliver(current);
  };
  for (const auto& front : st.fronts)
    give(self, front, one_less);
  one_less();
  return promise;
}

} // namespace

table_actor::behavior_type table_owner(table_pointer self,
                                       table_owner_config config) {
  auto& st = state_of(self);
  st.config = std::move(config);
  st.config.cell->store(st.config.versions->current());
  return {
    [self](atom::table) { return state_of(self).config.versions->current(); },
    [self](atom::join, const front_actor& front) -> caf::result<atom::ready> {
      state_of(self).fronts.push_back(front);
      auto promise = self->make_response_promise<atom::ready>();
      give(self, front,
           [promise]() mutable { promise.deliver(atom::ready_v); });
      return promise;
    },
    [self](atom::check, const table_change_ptr& change) {
      change_verdict result;
      try {
        state_of(self).config.versions->check(*change);
      } catch (...) {
        result.refused = std::current_exception();
      }
      return result;
    },
    [self](atom::publish,
           const route_targets_ptr& targets) -> caf::result<snapshot_ptr> {
      try {
        state_of(self).config.versions->commit(std::move(*targets));
      } catch (const std::exception& e) {
        return caf::make_error(caf::sec::invalid_argument,
                               std::string{e.what()});
      }
      return publish(self);
    },
  };
}

} // namespace troupe
