#pragma once

#include "troupe/specs/openai/chat/prompt.hpp"
#include "troupe/specs/openai/wire/options.hpp"
#include "troupe/specs/spec/spec.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::openai {

/// The body of `POST /v1/embeddings`.
struct embeddings_request {
  std::string model = {};
  /// Texts are not empty.
  std::vector<prompt> inputs = {};
  /// `encoding_format`: base64 of little-endian 32-bit floats, else numbers.
  bool base64 = false;
  /// At least 1.
  std::optional<std::uint64_t> dimensions = {};
  std::string user = {};
};

/// Reads and checks a request; unknown fields are ignored.
/// @throws validation_error that names the field
void from_json(const nlohmann::json& j, embeddings_request& out);

/// What a model gets for one input: `{"input", "model"}`, and `dimensions` and
/// `user` when the client said so. It answers a list of numbers, or
/// `{"embedding": [...], "prompt_tokens": n}`; anything else is 500, and the
/// log says what was wrong.
struct embedding_input {
  /// A text; "" when the input is tokens.
  std::string text = {};
  std::vector<std::int64_t> tokens = {};
  std::string model = {};
  std::optional<std::uint64_t> dimensions = {};
  std::string user = {};
};

void from_json(const nlohmann::json& j, embedding_input& out);

/// Takes what a model answers for one input.
class embedding_encoder final : public reply_encoder {
public:
  /// @param dimensions how many numbers the client asks for
  /// @param truncate whether a longer answer is shortened and scaled to length
  ///                 1 instead of refused
  embedding_encoder(std::optional<std::uint64_t> dimensions, bool truncate)
    : dimensions_(dimensions), truncate_(truncate) {
    // nop
  }

  /// Keeps it: the answer of a model that yields one item.
  std::optional<payload> item(payload x) override;

  /// @throws http_error 400 when the model has other dimensions than asked for
  /// @throws std::runtime_error for an answer that is not an embedding
  reply finish(reply answer) override;

  // -- after `finish` ---------------------------------------------------------

  [[nodiscard]] const std::vector<double>& embedding() const noexcept {
    return embedding_;
  }

  [[nodiscard]] std::optional<token_counts> tokens() const override {
    return token_counts{static_cast<std::uint32_t>(prompt_tokens_), 0, 0};
  }

  [[nodiscard]] std::uint64_t prompt_tokens() const noexcept {
    return prompt_tokens_;
  }

private:
  void take(payload answer);
  void fit();

  std::optional<std::uint64_t> dimensions_;
  bool truncate_;
  bool taken_ = false;
  std::vector<double> embedding_;
  std::uint64_t prompt_tokens_ = 0;
};

/// Makes the handler of `POST /v1/embeddings`.
handler embeddings_handler(openai_options options);

} // namespace troupe::openai
