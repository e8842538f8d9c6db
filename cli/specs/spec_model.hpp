#pragma once

#include "troupe/cli/specs/spec_registry.hpp"

#include <string>

namespace troupe {

/// Reads the option `access` of a spec.
/// @throws model_config_error unless it is `public`, `key` or `admin`
access read_access(const std::string& text);

/// Checks what `validate` of a spec's options found: `KEY: MESSAGE`, or "".
/// @throws model_config_error for `options.KEY`
void require_valid(const std::string& why);

/// Checks that a spec may hand requests to a model: it has to be in the config,
/// and who may call the spec has to have the model's key.
/// @param where the option that names the model
/// @param ours who may call the spec
/// @throws model_config_error
void require_model(const std::string& where, const std::string& name,
                   access ours, const spec_config& config);

} // namespace troupe
