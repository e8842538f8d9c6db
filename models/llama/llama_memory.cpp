#include "troupe/models/llama/llama_memory.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <llama.h>
#include <string>

namespace troupe {

namespace {

/// The library rounds the number of tokens in its cache up to a multiple.
constexpr double cache_padding = 256;

constexpr double bytes_of_half = 2;
constexpr double bytes_of_float = 4;

/// Returns a number of the model's file, or `otherwise`.
std::int32_t file_number(const llama_weights& weights, const char* key,
                         std::int32_t otherwise) {
  std::array<char, 128> name{};
  if (llama_model_meta_val_str(weights.get(), "general.architecture",
                               name.data(), name.size())
      < 0)
    return otherwise;
  auto path = std::string{name.data()} + '.' + key;
  std::array<char, 32> text{};
  auto n = llama_model_meta_val_str(weights.get(), path.c_str(), text.data(),
                                    text.size());
  std::int32_t result = 0;
  if (n < 0
      || std::from_chars(text.data(), text.data() + text.size(), result).ec
           != std::errc{}
      || result <= 0)
    return otherwise;
  return result;
}

std::string in_mib(double bytes) {
  return std::to_string(static_cast<std::uint64_t>(bytes / (1 << 20))) + " MiB";
}

} // namespace

llama_sizes sizes_of(const llama_weights& weights) {
  const auto* model = weights.get();
  llama_sizes result;
  if (!llama_model_is_recurrent(model) && !llama_model_is_hybrid(model))
    result.layers = llama_model_n_layer(model);
  result.heads = llama_model_n_head(model);
  result.kept_heads = llama_model_n_head_kv(model);
  result.embedding = llama_model_n_embd(model);
  auto usual = result.heads > 0 ? result.embedding / result.heads : 0;
  result.key_length = file_number(weights, "attention.key_length", usual);
  result.value_length = file_number(weights, "attention.value_length", usual);
  result.feed_forward =
    file_number(weights, "feed_forward_length", 4 * result.embedding);
  result.vocabulary = weights.vocabulary_size();
  return result;
}

double llama_bytes(const llama_sizes& sizes,
                   const llama_engine_options& options) noexcept {
  auto padded = [](double tokens) {
    auto blocks = static_cast<std::int64_t>((tokens - 1) / cache_padding) + 1;
    return static_cast<double>(blocks) * cache_padding;
  };
  double sequences = options.sequences;
  // Of one cache; without a shared one each sequence has its own.
  auto tokens = options.shared_cache ? padded(sequences * options.context)
                                     : padded(options.context);
  auto caches = options.shared_cache ? 1 : sequences;
  auto kept = tokens * caches * sizes.layers * sizes.kept_heads
              * (double{1} * sizes.key_length + sizes.value_length)
              * bytes_of_half;
  double run = std::min(options.batch_tokens, max_llama_ubatch);
  // Scores of each token against all that are kept, and the mask.
  auto scores =
    sizes.layers > 0 ? tokens * run * (sizes.heads + 1.0) * bytes_of_float : 0;
  auto activations =
    run * (6.0 * sizes.embedding + 3.0 * sizes.feed_forward) * bytes_of_float;
  // Where they are computed, and where they are kept.
  auto logits = 2 * sequences * sizes.vocabulary * bytes_of_float;
  return kept + scores + activations + logits;
}

void expect_room(const llama_sizes& sizes, const llama_engine_options& options,
                 double there) {
  auto wanted = llama_bytes(sizes, options);
  if (wanted <= there)
    return;
  auto apart = options;
  apart.shared_cache = false;
  throw llama_error(std::to_string(options.sequences) + " sequences of "
                    + std::to_string(options.context) + " tokens take "
                    + in_mib(wanted + (1 << 20)) + " of memory, "
                    + in_mib(there)
                    + " can be had: lower options.context or options.sequences"
                    + (llama_bytes(sizes, apart) <= there
                         ? ", or set options.shared_cache to false"
                         : ""));
}

} // namespace troupe
