#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace troupe::openai {

/// Encodes bytes (RFC 4648 section 4, with padding).
std::string to_base64(std::string_view bytes);

/// Encodes numbers as little-endian 32-bit floats in base64, as OpenAI's
/// clients decode embeddings.
std::string floats_to_base64(const std::vector<double>& numbers);

} // namespace troupe::openai
