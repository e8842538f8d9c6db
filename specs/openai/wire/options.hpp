#pragma once

#include "troupe/specs/endpoint/endpoint.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace troupe {

/// Seconds since 1970.
std::int64_t unix_time();

/// 128 random bits in 32 hexadecimal digits, see `random_bits`.
std::string random_id();

/// What `openai_spec` serves, and how. At least one of `model` and
/// `embeddings` is set.
struct openai_options {
  /// Names the model that answers chat and legacy completions; see
  /// openai/model_answer.hpp for what it may answer. "" serves neither.
  std::string model = {};
  /// Further names under which clients may ask for it.
  std::vector<std::string> aliases = {};
  /// Names the model that answers embeddings; "" serves none.
  std::string embeddings = {};
  std::vector<std::string> embedding_aliases = {};
  /// Whether clients may name any model. If not, a name that is not one of
  /// those above is answered 404.
  bool any_model = false;
  /// Where chat and embeddings are served, after the prefix.
  std::string chat_path = "/v1/chat/completions";
  std::string embeddings_path = "/v1/embeddings";
  /// The most choices of one request (`n`), 1 to 128. Each is a call.
  std::size_t max_n = 8;
  /// The most inputs of one embeddings request, and the most choices of all
  /// prompts of a legacy completion, at least 1. Each is a call.
  std::size_t max_inputs = 2048;
  /// How many calls of one request are open at once, at least 1; the next
  /// begins when one ends. So a batch has at most that many of one request.
  std::size_t calls_at_once = model_calls::default_at_once;
  /// How much of a streaming model's answer is collected for a client that does
  /// not stream, in bytes of text and for each choice; more is 500.
  std::size_t max_stream_bytes = 4UL * 1024 * 1024;
  /// Shortens an embedding to the `dimensions` that a client asks for and
  /// scales it to length 1. Else that is 400, unless the model gives that many.
  bool truncate_dimensions = false;
  /// In the list of models.
  std::string owned_by = "troupe";
  /// Who may call it, for each endpoint.
  troupe::access access = troupe::access::key;
  /// For each endpoint.
  conflict_policy on_conflict = conflict_policy::error;
  /// The time in answers. Called by several threads at once.
  std::function<std::int64_t()> clock = unix_time;
  /// Makes ids: letters and digits, never the same twice. Called by several
  /// threads at once.
  std::function<std::string()> new_id = random_id;

  /// @returns what is wrong, beginning with the member's name, or "".
  [[nodiscard]] std::string validate() const;
};

} // namespace troupe
