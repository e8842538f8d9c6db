#pragma once

#include "troupe/models/llama/llama_engine.hpp"

#include <cstdint>

namespace troupe {

/// The sizes of a model that decide how much memory it takes to run.
struct llama_sizes {
  /// The layers that keep keys and values for each token; 0 for none.
  std::int32_t layers = 0;
  std::int32_t heads = 0;
  /// Heads that keep keys and values.
  std::int32_t kept_heads = 0;
  /// Elements of a head's key, and of its value.
  std::int32_t key_length = 0;
  std::int32_t value_length = 0;
  std::int32_t embedding = 0;
  /// Elements between the two halves of a feed-forward layer.
  std::int32_t feed_forward = 0;
  std::int32_t vocabulary = 0;
};

/// Reads them from a loaded model. A model whose layers keep a state of fixed
/// size (recurrent, hybrid) counts with no layers.
llama_sizes sizes_of(const llama_weights& weights);

/// Bytes that an engine takes beside the weights, on a CPU without flash
/// attention: keys and values of 16 bits, scores of a run against all that is
/// kept, and what goes from layer to layer. Hardly more than the library
/// allocates.
double llama_bytes(const llama_sizes& sizes,
                   const llama_engine_options& options) noexcept;

/// @param there the bytes that are free
/// @throws llama_error when an engine takes more: both figures, and the
///         options to change
void expect_room(const llama_sizes& sizes, const llama_engine_options& options,
                 double there);

} // namespace troupe
