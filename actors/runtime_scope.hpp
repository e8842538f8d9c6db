#pragma once

#include "troupe/actors/return_gate.hpp"

namespace troupe {

/// While it lives, the calling thread works for a server: runs a hook, a
/// handler or one of its I/O threads. What waits for the server's threads must
/// not be called there, because it would wait for itself. Scopes nest, also
/// those of several servers.
///
/// On a thread whose outermost scope has a gate, the inner ones are visits of a
/// user's code: nothing but that, and what pauses the gate (`runtime_pause`),
/// may run in them.
class runtime_scope {
public:
  /// @param owner what the server's parts share, its status board; only
  ///              compared
  explicit runtime_scope(const void* owner) noexcept
    : owner_(owner), outer_(innermost()), gate_(gate()), visits_(gate_) {
    innermost() = this;
    if (visits_ != nullptr)
      visits_->enter();
  }

  /// The outermost scope of a thread that may be left behind. The gate outlives
  /// the thread.
  runtime_scope(const void* owner, return_gate& way_back) noexcept
    : owner_(owner), outer_(innermost()), gate_(&way_back), visits_(nullptr) {
    innermost() = this;
  }

  ~runtime_scope() {
    innermost() = outer_;
    if (visits_ != nullptr)
      visits_->leave();
  }

  runtime_scope(const runtime_scope&) = delete;
  runtime_scope& operator=(const runtime_scope&) = delete;

  /// Returns whether the calling thread works for that server.
  [[nodiscard]] static bool inside(const void* owner) noexcept {
    for (const auto* x = innermost(); x != nullptr; x = x->outer_)
      if (x->owner_ == owner)
        return true;
    return false;
  }

  /// Returns the gate of the calling thread, or null.
  [[nodiscard]] static return_gate* gate() noexcept {
    const auto* x = innermost();
    return x != nullptr ? x->gate_ : nullptr;
  }

private:
  static const runtime_scope*& innermost() noexcept {
    static thread_local const runtime_scope* value = nullptr;
    return value;
  }

  const void* owner_;
  const runtime_scope* outer_;
  return_gate* gate_;
  /// The gate, for an inner scope.
  return_gate* visits_;
};

/// Our own code, called by a user's: what it touches must not be touched by a
/// thread that was left behind.
class runtime_pause {
public:
  runtime_pause() noexcept : gate_(runtime_scope::gate()) {
    if (gate_ != nullptr)
      depth_ = gate_->pause();
  }

  ~runtime_pause() {
    if (gate_ != nullptr)
      gate_->resume(depth_);
  }

  runtime_pause(const runtime_pause&) = delete;
  runtime_pause& operator=(const runtime_pause&) = delete;

private:
  return_gate* gate_;
  int depth_ = 0;
};

} // namespace troupe
