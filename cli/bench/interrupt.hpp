#pragma once

namespace troupe::load {

/// While it lives, the first SIGINT or SIGTERM is only noted; the next one has
/// its usual effect. At most one at a time.
class interrupt_guard {
public:
  interrupt_guard();
  ~interrupt_guard();

  interrupt_guard(const interrupt_guard&) = delete;
  interrupt_guard& operator=(const interrupt_guard&) = delete;

  [[nodiscard]] bool seen() const noexcept;
};

} // namespace troupe::load
