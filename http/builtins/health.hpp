#pragma once

#include "troupe/actors/status/status_board.hpp"
#include "troupe/specs/values/reply.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace troupe {

/// Says how a model is.
/// @param in_full with the text of what went wrong, for operators only
nlohmann::json model_document(const model_state& m, bool in_full);

/// Answers `GET /health`: as LitServe, or in full for a client of JSON.
reply health(const status_board& board, std::string_view accept);

/// Answers `GET /health/{model}`: 200 when the model takes requests and its
/// workers are well, 503 with the reason, 404 for a model that is not there.
reply health_of(const status_board& board, std::string_view model,
                std::string_view accept);

/// Answers `GET /readyz`: each reason why the server is not ready, and what is
/// wrong besides.
reply readiness(const status_board& board, std::string_view accept);

/// Answers `GET /startupz`: done when no required model loads any more.
reply startup(const status_board& board);

} // namespace troupe
