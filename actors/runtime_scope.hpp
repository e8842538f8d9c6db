#pragma once

namespace troupe {

/// While it lives, the calling thread works for a server: runs a hook, a
/// handler or one of its I/O threads. What waits for the server's threads must
/// not be called there, because it would wait for itself. Scopes nest, also
/// those of several servers.
class runtime_scope {
public:
  /// @param owner what the server's parts share, its status board; only
  ///              compared
  explicit runtime_scope(const void* owner) noexcept
    : owner_(owner), outer_(innermost()) {
    innermost() = this;
  }

  ~runtime_scope() {
    innermost() = outer_;
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

private:
  static const runtime_scope*& innermost() noexcept {
    static thread_local const runtime_scope* value = nullptr;
    return value;
  }

  const void* owner_;
  const runtime_scope* outer_;
};

} // namespace troupe
