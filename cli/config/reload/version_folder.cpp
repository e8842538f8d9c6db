#include "troupe/cli/config/reload/version_folder.hpp"

#include "troupe/specs/input/nearest.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>

namespace troupe {

namespace {

namespace fs = std::filesystem;

bool is_version(const std::string& name) {
  // So that versions are compared without becoming numbers.
  return !name.empty() && name.size() <= 18 && name.front() != '0'
         && name.find_first_not_of("0123456789") == std::string::npos;
}

} // namespace

std::vector<std::string> versions_in(const fs::path& folder) {
  std::vector<std::string> result;
  std::error_code ec;
  for (fs::directory_iterator i{folder, ec}, end; !ec && i != end;
       i.increment(ec)) {
    auto name = i->path().filename().string();
    std::error_code unknown;
    if (is_version(name) && i->is_directory(unknown))
      result.push_back(std::move(name));
  }
  std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return result;
}

fs::path version_file(const fs::path& folder, const std::string& version) {
  const auto all = versions_in(folder);
  if (all.empty())
    throw std::invalid_argument(
      folder.string()
      + " is a folder without versions; name a file, or put the model's files "
        "into folders with numbers as names: 1/model.onnx");
  if (!version.empty()
      && std::find(all.begin(), all.end(), version) == all.end())
    throw std::invalid_argument("there is no version \"" + version + "\" in "
                                + folder.string()
                                + "; known here: " + quoted_list(all));
  const auto chosen = folder / (version.empty() ? all.back() : version);
  std::vector<fs::path> files;
  std::error_code ec;
  for (fs::directory_iterator i{chosen, ec}, end; !ec && i != end;
       i.increment(ec)) {
    std::error_code unknown;
    if (!i->is_regular_file(unknown))
      continue;
    if (i->path().stem() == "model")
      return i->path();
    files.push_back(i->path());
  }
  if (files.size() == 1)
    return files.front();
  throw std::invalid_argument(
    "expected one file in " + chosen.string()
    + ", or one that is called model with an extension, found "
    + std::to_string(files.size()) + " files");
}

} // namespace troupe
