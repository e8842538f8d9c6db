#include "troupe/cli/script/script_source.hpp"

#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <stdexcept>

namespace troupe {

script_plan make_plan(const script& x, std::ostream& err) {
  auto result = plan_of(x, err);
  for (const auto& notice : result.notices)
    err << x.file << ": " << notice << std::endl;
  for (const auto& [name, value] : result.env)
    ::setenv(name.c_str(), value.c_str(), 1);
  return result;
}

config_source read_source(const script& x, std::ostream& err) {
  if (is_script(x.file))
    return {"plan of " + x.file, make_plan(x, err).config,
            std::filesystem::path{x.file}.parent_path()};
  if (!x.arguments.empty())
    throw script_error(x.arguments.front()
                       + ": a config takes no arguments, only a Python file "
                         "does");
  if (!x.python.empty())
    throw script_error("--python is for a Python file; a config names the "
                       "interpreter of each model as \"python\"");
  return config_source::read(x.file);
}

std::string cache_folder() {
  const auto* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/')
    return std::string{cache}.append("/troupe");
  const auto* home = std::getenv("HOME");
  if (home != nullptr && *home == '/')
    return std::string{home}.append("/.cache/troupe");
  throw std::runtime_error("neither HOME nor XDG_CACHE_HOME says where to put "
                           "the packages; name a folder: troupe python-path "
                           "FOLDER");
}

} // namespace troupe
