#include "troupe/specs/openai/wire/options.hpp"

#include "troupe/specs/text/text.hpp"

#include <random>
#include <stdexcept>
#include <string_view>

namespace troupe {

std::int64_t unix_time() {
  return std::chrono::duration_cast<std::chrono::seconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

namespace {

std::string hexadecimal(std::random_device& random) {
  constexpr int words = 4;
  constexpr int digits_of_a_word = 8;
  std::string result;
  result.reserve(static_cast<std::size_t>(words) * digits_of_a_word);
  for (int i = 0; i < words; ++i) {
    auto word = random();
    for (int k = 0; k < digits_of_a_word; ++k, word >>= 4U)
      result += lower_hex_digits[word & 0xFU];
  }
  return result;
}

} // namespace

std::string random_id() {
  try {
    // The kernel's, where the library knows it: 2 us, the processor's takes 20.
    std::random_device random{"getentropy"};
    return hexadecimal(random);
  } catch (const std::runtime_error&) {
    std::random_device random;
    return hexadecimal(random);
  }
}

std::string openai_options::validate() const {
  constexpr std::size_t most_choices = 128;
  constexpr std::size_t most_inputs = 100'000;
  if (model.empty() && embeddings.empty())
    return "model: expected the name of a model, here or in \"embeddings\"";
  if (model.empty() && !aliases.empty())
    return "aliases: there is no model whose aliases these could be";
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
