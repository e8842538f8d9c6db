#pragma once

#include "troupe/models/llama/llama_controls.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

struct llama_model;
struct llama_vocab;

namespace troupe {

/// A token's number in the model's vocabulary.
using llama_token_id = std::int32_t;

/// A loaded GGUF file: weights, vocabulary, chat template. Immutable, safe from
/// every thread at once.
class llama_weights {
public:
  /// @throws llama_error
  explicit llama_weights(const std::filesystem::path& file);

  ~llama_weights();

  llama_weights(const llama_weights&) = delete;
  llama_weights& operator=(const llama_weights&) = delete;

  /// How many tokens the model was trained to see at once.
  [[nodiscard]] std::int32_t trained_context() const noexcept;

  [[nodiscard]] std::int32_t vocabulary_size() const noexcept;

  /// Returns the tokens of a prompt, with those that the model wants around it.
  /// The text of a control token becomes that token, unless it is foreign.
  /// Never empty, unless the text is and the model has no token for the
  /// beginning. A long text for a vocabulary of byte pairs goes in parts
  /// (`split_text`): the library's regular expressions call themselves for each
  /// character, and would overflow the stack.
  /// @throws llama_error when the library cannot do it
  [[nodiscard]] std::vector<llama_token_id>
  tokenize(const prompt_text& prompt) const;

  /// Returns a lower bound of the number of the text's tokens, without the cost
  /// of `tokenize`.
  [[nodiscard]] std::size_t least_tokens(std::string_view text) const noexcept;

  /// Appends the bytes of a token; nothing for a control token. They may end
  /// within a code point.
  void append_piece(llama_token_id token, std::string& out) const;

  /// Returns the tokens with which the model ends its text.
  [[nodiscard]] const std::vector<llama_token_id>& ends() const noexcept {
    return ends_;
  }

  [[nodiscard]] bool ends(llama_token_id token) const noexcept;

  /// Returns the file's chat template, or "".
  [[nodiscard]] std::string chat_template() const;

  /// Returns the text of the token for the end, or "".
  [[nodiscard]] std::string end_text() const;

  /// The library's own; valid while this lives.
  [[nodiscard]] ::llama_model* get() const noexcept {
    return model_;
  }

private:
  /// @param around whether to add the tokens that the model wants around a text
  /// @param controls whether the texts of control tokens become them
  void append_tokens(std::string_view text, bool around, bool controls,
                     std::vector<llama_token_id>& out) const;

  ::llama_model* model_;
  const ::llama_vocab* vocab_;
  std::vector<llama_token_id> ends_;
  control_texts controls_;
  std::size_t longest_piece_ = 1;
};

/// The weights that all workers of a model share. Thread-safe.
class llama_weights_source {
public:
  explicit llama_weights_source(std::filesystem::path file)
    : file_(std::move(file)) {
    // nop
  }

  /// Loads the file unless an earlier call did; after a failure the next call
  /// tries again.
  /// @throws llama_error
  std::shared_ptr<const llama_weights> get();

  /// Returns a lock for a worker that takes memory for itself, so that the
  /// next one sees what is left.
  [[nodiscard]] std::unique_lock<std::mutex> turn() {
    return std::unique_lock{turn_};
  }

private:
  std::filesystem::path file_;
  std::mutex mutex_;
  std::mutex turn_;
  std::shared_ptr<const llama_weights> weights_;
};

} // namespace troupe
