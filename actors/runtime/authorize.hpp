#pragma once

#include "troupe/specs/exchange/exchange.hpp"
#include "troupe/specs/model/model.hpp"

#include <functional>
#include <optional>

namespace troupe {

/// Returns a model's `authorize` with what it throws turned into a refusal;
/// what the client may not see goes to the log. Null when it has none.
/// @param owner for `runtime_scope`
std::function<std::optional<failure>(exchange&)>
make_authorize(const model_definition& definition, const log_sink& log,
               const void* owner);

} // namespace troupe
