#pragma once

#include "troupe/actors/caf_compat.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

namespace troupe {

/// A thread that runs actors: the execution unit of one dedicated worker.
/// What such an actor sends runs on this thread too, right after it, so that
/// a busy worker fetches its next exchange without waking anybody; its own next
/// message waits until those it sent to have nothing left to do. Waits on a
/// condition when there is nothing to run; no polling.
class thread_unit final : public caf::execution_unit {
public:
  explicit thread_unit(caf::actor_system& sys);
  ~thread_unit() override;

  thread_unit(const thread_unit&) = delete;
  thread_unit& operator=(const thread_unit&) = delete;

  /// Queues `job`, which is pinned here and brings a reference along; from
  /// every thread.
  void exec_later(caf::resumable* job) override;

  /// Ends the thread once its queue is empty and waits for it.
  /// @returns false when it did not end in time; it is then left to itself
  ///          and ends when the model returns.
  bool stop(std::chrono::milliseconds timeout);

private:
  struct shared_state;

  static void run(std::shared_ptr<shared_state> state);

  std::shared_ptr<shared_state> state_;
  std::thread thread_;
};

/// An actor class whose instances run on one `thread_unit` only, whoever
/// sends to them.
template <class Base>
class pinned : public Base {
public:
  template <class... Ts>
  pinned(caf::actor_config& cfg, std::shared_ptr<thread_unit> unit, Ts&&... xs)
    : Base(cfg, std::forward<Ts>(xs)...), unit_(std::move(unit)) {
    // nop
  }

  using Base::enqueue;

  void enqueue(caf::mailbox_element_ptr ptr, caf::execution_unit*) override {
    Base::enqueue(std::move(ptr), unit_.get());
  }

  void launch(caf::execution_unit*, bool lazy, bool hide) override {
    Base::launch(unit_.get(), lazy, hide);
  }

private:
  std::shared_ptr<thread_unit> unit_;
};

} // namespace troupe
