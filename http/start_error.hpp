#pragma once

#include <stdexcept>

namespace troupe {

/// Thrown by `start`: the port is taken, a model is declared wrongly, a
/// key is missing. Endpoint clashes throw `conflict_error`.
class start_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

} // namespace troupe
