#include "troupe/models/plugin/load_plugin.hpp"

#include "troupe/specs/observe/thread_slot.hpp"
#include "troupe/specs/system/file_stamp.hpp"

#include <algorithm>
#include <dlfcn.h>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>

namespace troupe {

namespace {

namespace fs = std::filesystem;

struct library_closer {
  void operator()(void* x) const noexcept {
    ::dlclose(x);
  }
};

using library = std::unique_ptr<void, library_closer>;

/// Says what is wrong with a library.
[[noreturn]] void refuse_plugin(const fs::path& file, const std::string& what) {
  throw plugin_error(file.string() + ' ' + what);
}

library open_library(const fs::path& file) {
  std::error_code ec;
  const auto status = fs::status(file, ec);
  if (!fs::exists(status))
    throw plugin_error("there is no file " + file.string());
  if (!fs::is_regular_file(status))
    refuse_plugin(file, "is not a file, expected a shared library");
  ::dlerror();
  // Without a slash the system would look for it in folders of its own.
  library result{::dlopen(fs::absolute(file).c_str(), RTLD_NOW | RTLD_LOCAL)};
  if (result == nullptr) {
    const auto* why = ::dlerror();
    throw plugin_error(std::string{"cannot load the shared library: "}.append(
      why != nullptr ? why : file.c_str()));
  }
  return result;
}

template <class F>
F* function_of(const library& x, const char* name) {
  // What POSIX guarantees of a function's address.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
  return reinterpret_cast<F*>(::dlsym(x.get(), name));
}

std::vector<plugin_model> models_of(const fs::path& file,
                                    plugin_models_function* make) {
  std::vector<plugin_model> result;
  try {
    make({&thread_slot}, result);
  } catch (const std::exception& e) {
    refuse_plugin(file, std::string{"failed while it was loaded: "} + e.what());
  } catch (...) {
    refuse_plugin(file, "failed while it was loaded, by an exception that is "
                        "not a std::exception");
  }
  std::sort(result.begin(), result.end(),
            [](const auto& x, const auto& y) { return x.type < y.type; });
  auto same = std::adjacent_find(
    result.begin(), result.end(),
    [](const auto& x, const auto& y) { return x.type == y.type; });
  if (same != result.end())
    refuse_plugin(file, "has two models of the type \"" + same->type
                          + "\"; give one of them another name");
  return result;
}

} // namespace

std::vector<plugin_model> open_plugin(const fs::path& file) {
  static std::mutex one_at_a_time;
  std::unique_lock guard{one_at_a_time};
  const auto now = file_stamp(file);
  auto opened = open_library(file);
  auto* abi = function_of<plugin_abi_function>(opened, plugin_abi_symbol);
  auto* models =
    function_of<plugin_models_function>(opened, plugin_models_symbol);
  auto* note = function_of<plugin_note_function>(opened, plugin_note_symbol);
  const auto* tag = abi != nullptr ? abi() : nullptr;
  if (tag == nullptr)
    refuse_plugin(file, "is not a Troupe plugin: it was not made with "
                        "TROUPE_MODEL");
  if (const auto own = plugin_abi_tag(); own != tag)
    refuse_plugin(file, "was built against another Troupe: its tag is \""
                          + std::string{tag} + "\", that of this program \""
                          + own + "\"; rebuild it against this Troupe");
  if (models == nullptr || note == nullptr)
    refuse_plugin(file, "is not a complete Troupe plugin: parts were stripped; "
                        "do not hide its symbols");
  // From here on code and types of it may be in use.
  static_cast<void>(opened.release());
  if (note(now) != now)
    refuse_plugin(file, "was loaded before and has changed on disk since; a "
                        "library cannot be replaced in a process that runs: "
                        "restart the program");
  auto result = models_of(file, models);
  if (result.empty())
    refuse_plugin(file,
                  "is not a Troupe plugin: there is no TROUPE_MODEL in it");
  return result;
}

std::vector<std::string> load_plugin(const fs::path& file,
                                     model_registry& registry) {
  auto models = open_plugin(file);
  for (const auto& x : models)
    if (registry.find(x.type) != nullptr)
      refuse_plugin(file, "has a model of the type \"" + x.type
                            + "\", which is taken; give it another name");
  std::vector<std::string> result;
  result.reserve(models.size());
  for (auto& x : models) {
    result.push_back(x.type);
    registry.add(std::move(x.type), std::move(x.factory));
  }
  return result;
}

} // namespace troupe
