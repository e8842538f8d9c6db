#pragma once

#include "troupe/cli/config/config_reader.hpp"
#include "troupe/specs/model/model.hpp"

#include <string>

namespace troupe {

/// Reports groups whose models do not agree, and on a node workers whose number
/// would never change.
void report_supervision_keys(const config_source& source,
                             const config_draft& draft,
                             config_diagnostics& errors);

/// Reports keys about health of a model that has none.
/// @param type of the model
/// @param entry where it stands
void report_health_keys(const config_source& source,
                        const model_definition& definition,
                        const std::string& type, const std::string& entry,
                        config_diagnostics& errors);

} // namespace troupe
