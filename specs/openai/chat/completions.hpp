#pragma once

#include "troupe/specs/openai/chat/choice_encoder.hpp"
#include "troupe/specs/openai/chat/prompt.hpp"
#include "troupe/specs/openai/chat/sampling.hpp"
#include "troupe/specs/openai/wire/options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace troupe::openai {

/// The body of `POST /v1/completions`. `max_tokens` is 16 when the client does
/// not say.
///
/// A model is called for each prompt and choice. Its document has that prompt
/// as `prompt`, and a text also as `messages` of one user, so that a chat model
/// can answer it. It has no `echo`.
struct completion_request : sampling {
  std::vector<prompt> prompts = {};
  /// The answer begins with the prompt, which has to be text.
  bool echo = false;
  /// What follows the answer, for models that fill gaps.
  std::string suffix = {};
  /// 0 to 5.
  std::optional<std::int64_t> logprobs = {};
};

/// Reads and checks a request; unknown fields are ignored.
/// @throws validation_error that names the field
void from_json(const nlohmann::json& j, completion_request& out);

/// A choice of a legacy completion: `text`. Calls and refusals are left out.
class completion_encoder final : public choice_encoder {
public:
  /// @param echo what the text begins with
  completion_encoder(std::shared_ptr<const answer_frame> frame,
                     std::size_t index, std::string echo)
    : choice_encoder(std::move(frame), index), echo_(std::move(echo)) {
    // nop
  }

protected:
  [[nodiscard]] bool visible(const answer_piece& x) const override;
  void write_delta(nlohmann::json& choice, answer_piece x,
                   bool first) const override;
  void write_whole(nlohmann::json& choice) const override;
  /// `stop`, `length` or `content_filter`: there are no others here.
  [[nodiscard]] std::string finish_reason() const override;

private:
  std::string echo_;
};

/// Makes the handler of `POST /v1/completions`.
handler completion_handler(openai_options options);

} // namespace troupe::openai
