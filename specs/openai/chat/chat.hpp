#pragma once

#include "troupe/specs/openai/chat/choice_encoder.hpp"
#include "troupe/specs/openai/wire/catalog.hpp"
#include "troupe/specs/openai/wire/options.hpp"

namespace troupe::openai {

/// A choice of a chat completion: `message` or `delta`. The first chunk has the
/// role; a chunk with an empty content is sent when there is no other.
class chat_encoder final : public choice_encoder {
public:
  using choice_encoder::choice_encoder;

protected:
  [[nodiscard]] bool visible(const answer_piece& x) const override;
  void write_delta(nlohmann::json& choice, answer_piece x,
                   bool first) const override;
  void write_whole(nlohmann::json& choice) const override;
};

/// Makes the handler of `POST /v1/chat/completions`.
handler chat_handler(openai_options options);

} // namespace troupe::openai
