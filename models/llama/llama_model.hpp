#pragma once

#include "troupe/models/llama/llama_chat.hpp"
#include "troupe/models/llama/llama_engine.hpp"
#include "troupe/models/llama/llama_request.hpp"
#include "troupe/models/llama/llama_sampling.hpp"
#include "troupe/models/llama/llama_text.hpp"
#include "troupe/models/registry.hpp"
#include "troupe/specs/model/outputs/sequence.hpp"
#include "troupe/specs/text/utf8.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace troupe {

/// What the config says of a model of type `llama`.
struct llama_model_options {
  llama_engine_options engine = {};
  /// For what a request leaves open.
  llama_request defaults = {};
  /// What `chat_prompt` takes, or `no_chat_format`; "" takes the file's.
  std::string chat_template = {};
};

/// Continues texts with a GGUF model, in the form that model_adapter.hpp wants:
/// all live sequences go through the model in one run for each step, and those
/// that join bring their prompts in the same runs, `batch_tokens` at most.
/// Workers share the weights and have a context each.
///
/// Items are `{"content": TEXT}`, the last is `{"content": "",
/// "finish_reason": "stop" | "length", "prompt_tokens": n,
/// "completion_tokens": n}`; without `stream` the answer is one such document
/// with the whole text.
class llama_text_model {
public:
  /// A live sequence.
  struct state {
    llama_engine::slot slot;
    /// What the model has to see before it goes on: the prompt, then one
    /// token at a time.
    std::vector<llama_token_id> next;
    llama_sampler_ptr sampler;
    utf8_assembler assembler;
    stop_matcher stops;
    std::int32_t prompt_tokens;
    std::int32_t max_tokens;
    bool stream;
    bool ignore_eos;
    /// How much of `next` went through.
    std::size_t seen = 0;
    /// How many tokens went through.
    std::int32_t position = 0;
    std::int32_t completion_tokens = 0;
    /// The text so far, without `stream`.
    std::string text = {};
  };

  using member = sequence<state, nlohmann::json>;

  llama_text_model(std::shared_ptr<llama_weights_source> source,
                   llama_model_options options)
    : source_(std::move(source)), options_(std::move(options)) {
    // nop
  }

  /// Loads the weights unless another worker did.
  /// @throws llama_error, also for a chat template that is not known to be
  ///         rendered exactly
  void setup(const worker_slot& slot);

  /// Runs a token through the model, so that a broken model never becomes
  /// ready.
  void warmup();

  [[nodiscard]] std::size_t capacity() const noexcept {
    return static_cast<std::size_t>(options_.engine.sequences);
  }

  /// @throws validation_error
  [[nodiscard]] llama_request decode_request(const nlohmann::json& body) const {
    return read_llama_request(body, options_.defaults);
  }

  /// @throws validation_error when the prompt does not fit
  state admit(const llama_request& x);

  void step(std::span<member> live);

private:
  /// Decides how conversations become prompts.
  void choose_format(const worker_slot& slot);

  [[nodiscard]] std::vector<llama_token_id>
  prompt_of(const llama_request& x) const;

  /// Chooses the member's next token, or ends it.
  void advance(member& x, std::int32_t row);

  /// Sends text, or keeps it for the whole answer.
  static void emit(member& x, std::string text);

  static void end(member& x, const char* reason);

  std::shared_ptr<llama_weights_source> source_;
  llama_model_options options_;
  /// Whether there are no conversations only because the file has no template
  /// for them.
  bool has_no_template_ = false;
  std::shared_ptr<const llama_weights> weights_;
  std::unique_ptr<llama_engine> engine_;
  /// Of the step that runs.
  std::vector<llama_engine::job> jobs_;
  std::vector<member*> members_;
};

/// The factory of the type `llama`; docs/models.md has the options.
/// @throws model_config_error
model_definition make_llama_definition(model_options options,
                                       const model_config& config);

} // namespace troupe
