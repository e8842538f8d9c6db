#pragma once

#include "troupe/specs/json/event_template.hpp"
#include "troupe/specs/openai/chat/model_answer.hpp"
#include "troupe/specs/openai/chat/sampling.hpp"
#include "troupe/specs/openai/chat/tool_calls.hpp"
#include "troupe/specs/openai/wire/options.hpp"
#include "troupe/specs/spec/spec.hpp"
#include "troupe/specs/text/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::openai {

/// What the choices of one answer have in common. Constant once made.
struct answer_frame {
  /// The same in every chunk.
  std::string id = {};
  std::int64_t created = 0;
  std::string model = {};
  /// `object` of a whole answer, and of a chunk.
  std::string object = {};
  std::string chunk_object = {};
  bool stream = false;
  /// Of a stream: `usage` in every chunk, with the counts in one of its own.
  bool include_usage = false;
  /// Whether the client asks for log probabilities.
  bool logprobs = false;
  /// See `openai_options`.
  std::size_t max_stream_bytes = 0;
  /// See `openai_options`.
  std::size_t calls_at_once = 1;
  /// Choices of one prompt, which is counted once.
  std::size_t choices_of_a_prompt = 1;
};

/// Starts the frame of an answer; the caller names the objects.
/// @param kind of the answer, which its id begins with, e.g. `cmpl`
/// @throws http_error 400 when the client asks for more than `max_n` choices
std::shared_ptr<answer_frame> make_frame(const openai_options& options,
                                         const sampling& asked,
                                         const std::string& kind);

/// Encodes what a model answers as one of the choices of an answer. Items are
/// chunks when the client streams; else they are kept back and joined. A chunk
/// with content and nothing else, which most are, is made without a document.
class choice_encoder : public reply_encoder {
public:
  choice_encoder(std::shared_ptr<const answer_frame> frame, std::size_t index);

  std::optional<std::string_view> events(payload& x) override;

  /// The end of the choice as a chunk of its own.
  std::optional<payload> last_item(reply& answer) override;

  reply finish(reply answer) override;

  /// Returns the choice as it stands in a whole answer; after `finish`.
  [[nodiscard]] nlohmann::json choice() const;

  [[nodiscard]] std::optional<token_counts> tokens() const override;

  [[nodiscard]] token_usage usage() const noexcept;

protected:
  /// Returns whether a client sees something of it.
  [[nodiscard]] virtual bool visible(const answer_piece& x) const = 0;

  /// Fills a chunk's choice with what is new. After the first chunk, those of
  /// pieces with content and nothing else differ in that text alone.
  /// @param first whether it is the first chunk of the choice
  virtual void write_delta(nlohmann::json& choice, answer_piece x,
                           bool first) const = 0;

  /// Fills the choice of a whole answer.
  virtual void write_whole(nlohmann::json& choice) const = 0;

  /// Returns why it ended: what the model says, or what the answer tells.
  [[nodiscard]] virtual std::string finish_reason() const;

  [[nodiscard]] const std::string& content() const noexcept {
    return content_;
  }

  [[nodiscard]] const std::string& refusal() const noexcept {
    return refusal_;
  }

  /// Empty while streaming.
  [[nodiscard]] std::vector<tool_call> calls() const {
    return calls_.calls();
  }

  [[nodiscard]] std::string role() const {
    return role_.value_or("assistant");
  }

private:
  /// Bounds what is collected.
  /// @throws http_error 500 when it is too much
  void count(const answer_piece& x);
  /// Counts it, numbers its calls, and keeps what a whole answer needs.
  void absorb(answer_piece& x);
  void absorb_logprobs(nlohmann::json& x);
  /// Takes the whole answer, or the end of the stream.
  answer_piece absorb_end(reply& answer);
  nlohmann::json make_chunk(answer_piece x, bool last);
  /// @throws std::domain_error for a number that JSON cannot write
  void append_chunk(std::string& out, answer_piece x, bool last);
  /// @pre not the first chunk
  std::string_view text_chunk(std::string_view content);

  std::shared_ptr<const answer_frame> frame_;
  std::size_t index_;
  bool begun_ = false;
  /// Made with the first chunk that is written by it.
  std::optional<event_template> text_chunk_;
  /// The last one of another form.
  std::string chunk_;
  std::optional<std::string> role_;
  utf8_assembler content_assembler_;
  utf8_assembler refusal_assembler_;
  std::string content_;
  std::string refusal_;
  nlohmann::json logprobs_ = nullptr;
  /// Of a stream that is collected, in bytes.
  std::size_t taken_ = 0;
  call_assembler calls_;
  std::optional<std::string> finish_reason_;
  std::uint64_t items_ = 0;
  std::optional<std::uint64_t> prompt_tokens_;
  std::optional<std::uint64_t> completion_tokens_;
};

/// Orders a call for each encoder and joins their answers into one.
/// @param documents one for each prompt; its calls share it
model_calls
order_choices(const std::string& model,
              const std::shared_ptr<const answer_frame>& frame,
              std::vector<std::shared_ptr<const nlohmann::json>> documents,
              std::vector<std::shared_ptr<choice_encoder>> encoders);

} // namespace troupe::openai
