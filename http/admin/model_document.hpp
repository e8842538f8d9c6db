#pragma once

#include "troupe/actors/routing/routing_snapshot.hpp"
#include "troupe/actors/status/status_board.hpp"
#include "troupe/specs/model/model.hpp"

#include <nlohmann/json.hpp>

namespace troupe {

/// Describes the options of a model in the words of a config.
nlohmann::json describe_options(const model_options& x);

/// Describes a model for operators: how it is, its options, its endpoints.
/// @param table the version that serves; may be null
nlohmann::json describe_model(const model_definition& x,
                              const status_board& board,
                              const snapshot_ptr& table);

} // namespace troupe
