#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace troupe {

/// A folder of a model with a folder for each of its versions, as TensorFlow
/// Serving and Triton have them: `digits/1/model.onnx`, `digits/2/model.onnx`.
/// A version is a number; what is called otherwise is left alone.
[[nodiscard]] std::vector<std::string>
versions_in(const std::filesystem::path& folder);

/// Returns the file of a version.
/// @param folder the model's; absolute, or relative to the current one
/// @param version empty for the highest
/// @throws std::invalid_argument when there is no such version, or not exactly
///         one file in it and none called `model.*`
std::filesystem::path version_file(const std::filesystem::path& folder,
                                   const std::string& version);

} // namespace troupe
