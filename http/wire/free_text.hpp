#pragma once

#include <string>

namespace troupe {

/// Empties a text and frees its memory, which an assignment of an empty one
/// would keep.
inline void free_text(std::string& x) noexcept {
  std::string{}.swap(x);
}

} // namespace troupe
