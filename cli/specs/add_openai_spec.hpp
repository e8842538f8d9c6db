#pragma once

#include "troupe/cli/specs/spec_registry.hpp"

namespace troupe {

/// Adds the spec type `openai`. `model` of the entry answers chat and legacy
/// completions; its `options` are those of `openai_options`: `aliases`,
/// `embeddings`, `embedding_aliases`, `max_n`, `max_inputs`,
/// `calls_at_once`, `max_stream_bytes`, `truncate_dimensions`, `owned_by`,
/// `access`.
void add_openai_spec(spec_registry& registry);

} // namespace troupe
