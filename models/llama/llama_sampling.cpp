#include "troupe/models/llama/llama_sampling.hpp"

#include <limits>
#include <llama.h>
#include <random>

namespace troupe {

namespace {

std::uint32_t seed_of(const llama_sampling& options) {
  auto result = options.seed ? *options.seed : std::random_device{}();
  // The library takes this number for "choose one".
  return result != LLAMA_DEFAULT_SEED ? result : LLAMA_DEFAULT_SEED - 1;
}

std::vector<llama_logit_bias> biases_of(const llama_sampling& options,
                                        const llama_weights& weights) {
  std::vector<llama_logit_bias> result;
  for (const auto& [token, bias] : options.logit_bias)
    result.push_back({token, static_cast<float>(bias)});
  if (options.ignore_eos)
    for (auto token : weights.ends())
      result.push_back({token, -std::numeric_limits<float>::infinity()});
  return result;
}

} // namespace

void llama_sampler_deleter::operator()(::llama_sampler* x) const noexcept {
  llama_sampler_free(x);
}

llama_sampler_ptr make_llama_sampler(const llama_sampling& options,
                                     const llama_weights& weights,
                                     std::int32_t tokens) {
  auto params = llama_sampler_chain_default_params();
  params.no_perf = true;
  llama_sampler_ptr result{llama_sampler_chain_init(params)};
  auto add = [&](::llama_sampler* x) {
    llama_sampler_chain_add(result.get(), x);
  };
  auto biases = biases_of(options, weights);
  if (!biases.empty())
    add(llama_sampler_init_logit_bias(weights.vocabulary_size(),
                                      static_cast<std::int32_t>(biases.size()),
                                      biases.data()));
  if (options.frequency_penalty != 0 || options.presence_penalty != 0)
    add(llama_sampler_init_penalties(
      weights.vocabulary_size(), tokens, 1,
      static_cast<float>(options.frequency_penalty),
      static_cast<float>(options.presence_penalty)));
  if (options.temperature <= 0 || options.top_p <= 0) {
    add(llama_sampler_init_greedy());
    return result;
  }
  if (options.top_k > 0)
    add(llama_sampler_init_top_k(options.top_k));
  if (options.top_p < 1)
    add(llama_sampler_init_top_p(static_cast<float>(options.top_p), 1));
  if (options.min_p > 0)
    add(llama_sampler_init_min_p(static_cast<float>(options.min_p), 1));
  add(llama_sampler_init_temp(static_cast<float>(options.temperature)));
  add(llama_sampler_init_dist(seed_of(options)));
  return result;
}

} // namespace troupe
