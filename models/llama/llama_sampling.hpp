#pragma once

#include "troupe/models/llama/llama_request.hpp"
#include "troupe/models/llama/llama_weights.hpp"

#include <cstdint>
#include <memory>

struct llama_sampler;

namespace troupe {

struct llama_sampler_deleter {
  void operator()(::llama_sampler* x) const noexcept;
};

/// Chooses the tokens of one sequence; used by one thread at a time.
using llama_sampler_ptr =
  std::unique_ptr<::llama_sampler, llama_sampler_deleter>;

/// Makes the chain `logit_bias`, penalties, `top_k`, `top_p`, `min_p`,
/// `temperature`, in llama.cpp's order, or a greedy one for temperature 0 or
/// `top_p` 0.
/// @param tokens how many are chosen at most
/// @pre the sampling is within its bounds, its tokens are in the vocabulary
llama_sampler_ptr make_llama_sampler(const llama_sampling& options,
                                     const llama_weights& weights,
                                     std::int32_t tokens);

} // namespace troupe
