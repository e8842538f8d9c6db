#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Encodes bytes with the standard alphabet and padding (RFC 4648 section 4).
std::string to_base64(std::string_view bytes);

/// Decodes what `to_base64` makes; nothing for any other text.
std::optional<std::string> from_base64(std::string_view text);

/// Encodes numbers as little-endian 32-bit floats in base64, the
/// `encoding_format` of OpenAI's embeddings.
std::string floats_to_base64(const std::vector<double>& numbers);

} // namespace troupe
