#pragma once

#include "troupe/models/llama/llama_weights.hpp"

#include <filesystem>
#include <memory>

namespace troupe {

/// The folder of the model that the tests serve: context 128, vocabulary 512.
inline std::filesystem::path tiny_folder() {
  return std::filesystem::path{TROUPE_SOURCE_DIR} / "examples/llama/data";
}

inline std::shared_ptr<const llama_weights> tiny_weights() {
  return std::make_shared<const llama_weights>(tiny_folder() / "tiny.gguf");
}

} // namespace troupe
