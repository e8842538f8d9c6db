#pragma once

#include "troupe/actors/table/endpoint_table.hpp"
#include "troupe/http/builtins/front_shared.hpp"
#include "troupe/http/options.hpp"
#include "troupe/specs/values/reply.hpp"

#include <string_view>
#include <vector>

namespace troupe {

/// The entries of the built-ins that the options leave on.
std::vector<table_entry> builtin_entries(const server_options& options);

/// Answers a built-in, on the I/O thread and without asking an actor.
/// @param asked with `application/json` in its `Accept` health and readiness
///              are answered in full; its parameter `model` names the model
reply answer_builtin(builtin which, const front_shared& shared,
                     const request& asked = {});

} // namespace troupe
