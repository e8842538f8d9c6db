#pragma once

#include "troupe/actors/interfaces.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// An actor system whose actors run when the test says so, on the test's
/// thread, with a clock that the test moves.
class deterministic_system : public ::testing::Test {
public:
  /// An answer that may come later.
  template <class T>
  struct answer {
    std::optional<T> value = {};
    std::string error = {};
  };

  template <class T>
  using answer_ptr = std::shared_ptr<answer<T>>;

  /// Why an actor ended; unset while it lives.
  using end_ptr = std::shared_ptr<std::optional<std::string>>;

protected:
  deterministic_system() {
    // Never 0, which CAF takes for "no time".
    sched.clock().current_time += std::chrono::hours{1};
  }

  void TearDown() override {
    run();
    for (auto& x : owned_)
      caf::anon_send_exit(x, caf::exit_reason::kill);
    owned_.clear();
    run();
  }

  /// Lets the fixture kill an actor at the end.
  template <class Handle>
  Handle own(Handle x) {
    owned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(x));
    return x;
  }

  /// Handles messages until there are none; timers stay as they are.
  void run() {
    while (sched.try_run_once()) {
      // nop
    }
  }

  /// Moves the clock, triggers what became due, and runs.
  void advance(std::chrono::nanoseconds x) {
    sched.advance_time(x);
    run();
  }

  [[nodiscard]] std::chrono::steady_clock::time_point now() {
    return sched.clock().now();
  }

  template <class Handle>
  void kill(const Handle& x) {
    caf::anon_send_exit(x, caf::exit_reason::kill);
    run();
  }

  /// Sends a request; the answer may come with any later `run`.
  template <class T, class Handle, class... Ts>
  answer_ptr<T> post(const Handle& receiver, Ts... xs) {
    auto result = std::make_shared<answer<T>>();
    // The number is for CAF: for a function without arguments its spawn binds
    // a reference to null, which the sanitizer refuses.
    sys.spawn<caf::hidden>(
      [=](caf::event_based_actor* self, int) {
        self->request(receiver, caf::infinite, xs...)
          .then([result](const T& x) { result->value = x; },
                [result](const caf::error& e) { result->error = text_of(e); });
      },
      0);
    return result;
  }

  /// Sends a request and runs until nothing is left to do.
  template <class T, class Handle, class... Ts>
  T query(const Handle& receiver, Ts... xs) {
    auto result = post<T>(receiver, std::move(xs)...);
    run();
    EXPECT_TRUE(result->value) << "no answer; " << result->error;
    return result->value.value_or(T{});
  }

  /// Watches an actor.
  template <class Handle>
  end_ptr watch(const Handle& x) {
    auto result = std::make_shared<std::optional<std::string>>();
    own(sys.spawn<caf::hidden>(
      [=](caf::event_based_actor* self, int) {
        self->monitor(x);
        self->set_down_handler([result](const caf::down_msg& dm) {
          *result = dm.reason ? text_of(dm.reason) : "normal";
        });
        return caf::behavior{[](atom::stop) {
          // nop
        }};
      },
      0));
    run();
    return result;
  }

private:
  struct testing_config : caf::actor_system_config {
    testing_config() {
      add_message_types<caf::id_block::troupe>();
      add_message_types<caf::id_block::troupe_handles>();
      set("scheduler.policy", caf::atom("testing"));
    }
  };

  testing_config config_;

protected:
  caf::actor_system sys{config_};
  caf::scheduler::test_coordinator& sched =
    dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());

private:
  std::vector<caf::strong_actor_ptr> owned_;
};

} // namespace troupe
