#pragma once

#include "troupe/http/options.hpp"
#include "troupe/specs/model/model.hpp"

#include <string>
#include <vector>

namespace troupe {

/// The version of this program.
[[nodiscard]] std::string server_version();

/// Makes the body of `/info`: LitServe's keys with LitServe's meaning, and
/// `models` beside them.
nlohmann::json server_info(const server_options& options,
                           const std::vector<model_definition>& models);

} // namespace troupe
