#pragma once

#include "troupe/specs/openai/wire/options.hpp"
#include "troupe/specs/spec/spec.hpp"

namespace troupe {

/// The part of OpenAI's API that serves models, beside everything else:
/// | endpoint | when |
/// | --- | --- |
/// | `POST /v1/chat/completions` | `model` is set |
/// | `POST /v1/completions` | `model` is set |
/// | `POST /v1/embeddings` | `embeddings` is set |
/// | `GET /v1/models`, `GET /v1/models/{id...}` | always |
///
/// Other paths for the first and the third are in the options.
/// `spec::prefix` goes before each. Errors under `/v1` are in OpenAI's
/// envelope, also for paths that nobody serves. The models themselves are added
/// to the server as any other, e.g. with `predict` switched off.
/// @code
/// server.add<my_chat>(options_named_chat);
/// server.add(std::make_shared<openai_spec>(openai_options{"chat"}));
/// @endcode
class openai_spec : public spec {
public:
  /// @param name of the spec in the endpoint table, unique in the server
  /// @throws std::invalid_argument with `options.validate()`
  explicit openai_spec(openai_options options, std::string name = "openai");
};

} // namespace troupe
