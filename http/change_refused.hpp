#pragma once

#include "troupe/http/start_error.hpp"

#include <cstdint>
#include <string>

namespace troupe {

/// Thrown by what changes a running server when the change cannot begin;
/// nothing has changed then.
class change_refused : public start_error {
public:
  enum class reason : std::uint8_t {
    /// Another change runs, and took longer than this one could wait.
    busy,
    /// The server is about to end, or has ended.
    stopping,
  };

  change_refused(reason why, const std::string& what)
    : start_error(what), why_(why) {
    // nop
  }

  [[nodiscard]] reason why() const noexcept {
    return why_;
  }

private:
  reason why_;
};

} // namespace troupe
