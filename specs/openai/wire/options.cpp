#include "troupe/specs/openai/wire/options.hpp"

#include "troupe/specs/system/random_bits.hpp"
#include "troupe/specs/text/hex_pairs.hpp"

#include <cstddef>

namespace troupe {

std::int64_t unix_time() {
  return std::chrono::duration_cast<std::chrono::seconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

std::string random_id() {
  constexpr std::size_t digits = 32;
  std::string result;
  result.reserve(digits);
  while (result.size() < digits) {
    auto bits = random_bits();
    for (std::size_t i = 0; i < sizeof(bits); ++i, bits >>= 8U)
      result.append(hex_pairs[bits & 0xFFU].data(), 2);
  }
  return result;
}

std::string openai_options::validate() const {
  constexpr std::size_t most_choices = 128;
  constexpr std::size_t most_inputs = 100'000;
  if (model.empty() && embeddings.empty())
    return "model: expected the name of a model, here or in \"embeddings\"";
  if (model.empty() && !aliases.empty())
    return "aliases: have no effect without \"model\"; set that, or take them "
           "out";
  if (embeddings.empty() && !embedding_aliases.empty())
    return "embedding_aliases: there is no embeddings model whose aliases "
           "these could be";
  if (embeddings.empty() && truncate_dimensions)
    return "truncate_dimensions: there is no embeddings model whose these "
           "could be";
  if (!chat_path.starts_with('/'))
    return "chat_path: expected a path that starts with \"/\"";
  if (!embeddings_path.starts_with('/'))
    return "embeddings_path: expected a path that starts with \"/\"";
  if (max_n < 1 || max_n > most_choices)
    return "max_n: expected an integer from 1 to 128";
  if (max_inputs < 1 || max_inputs > most_inputs)
    return "max_inputs: expected an integer from 1 to 100000";
  if (calls_at_once == 0)
    return "calls_at_once: expected at least 1";
  if (max_stream_bytes == 0)
    return "max_stream_bytes: expected at least 1";
  for (const auto& x : aliases)
    if (x.empty())
      return "aliases: a name is empty";
  for (const auto& x : embedding_aliases)
    if (x.empty())
      return "embedding_aliases: a name is empty";
  return {};
}

} // namespace troupe
