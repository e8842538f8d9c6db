#pragma once

#include "troupe/models/registry.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What a plugin and the program that loads it agree on. Authors of plugins
// include plugin.hpp.

#define TROUPE_PLUGIN_TEXT_OF(x) #x
#define TROUPE_PLUGIN_TEXT(x) TROUPE_PLUGIN_TEXT_OF(x)

#ifdef __GXX_ABI_VERSION
#define TROUPE_PLUGIN_CXX "C++ ABI " TROUPE_PLUGIN_TEXT(__GXX_ABI_VERSION)
#else
#define TROUPE_PLUGIN_CXX "another C++ ABI"
#endif

#if defined(_LIBCPP_VERSION)
#define TROUPE_PLUGIN_STD                                                      \
  ", libc++ ABI " TROUPE_PLUGIN_TEXT(_LIBCPP_ABI_VERSION)
#elif defined(_GLIBCXX_RELEASE)
#define TROUPE_PLUGIN_STD                                                      \
  ", libstdc++ " TROUPE_PLUGIN_TEXT(_GLIBCXX_RELEASE) "/" TROUPE_PLUGIN_TEXT(  \
    _GLIBCXX_USE_CXX11_ABI)
#else
#define TROUPE_PLUGIN_STD ", another standard library"
#endif

#ifdef _GLIBCXX_DEBUG
#define TROUPE_PLUGIN_DEBUG ", _GLIBCXX_DEBUG"
#else
#define TROUPE_PLUGIN_DEBUG ""
#endif

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define TROUPE_PLUGIN_ASAN
#elif __has_feature(thread_sanitizer)
#define TROUPE_PLUGIN_TSAN
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(TROUPE_PLUGIN_ASAN)
#define TROUPE_PLUGIN_SANITIZE ", AddressSanitizer"
#elif defined(__SANITIZE_THREAD__) || defined(TROUPE_PLUGIN_TSAN)
#define TROUPE_PLUGIN_SANITIZE ", ThreadSanitizer"
#else
#define TROUPE_PLUGIN_SANITIZE ""
#endif

namespace troupe {

/// Returns the version of Troupe and a digest of its headers, as `troupe 0.1.0,
/// headers 0123456789abcdef`: those of the library that the caller is linked
/// with. Hidden, so that a plugin never gets the program's.
[[gnu::visibility("hidden")]] std::string_view plugin_interface() noexcept;

/// Returns the ABI tag: what has to be the same in a plugin and in the program
/// for C++ objects to cross. That is `plugin_interface`, the ABI of the
/// compiler, the standard library with its modes, that of nlohmann::json, and
/// sanitizers.
[[gnu::visibility("hidden")]] inline std::string plugin_abi_tag() {
  std::string result{plugin_interface()};
  result.append(", " TROUPE_PLUGIN_CXX TROUPE_PLUGIN_STD TROUPE_PLUGIN_DEBUG
                ", " TROUPE_PLUGIN_TEXT(NLOHMANN_JSON_NAMESPACE)
                  TROUPE_PLUGIN_SANITIZE);
  return result;
}

/// A model type of a plugin.
struct plugin_model {
  std::string type = {};
  model_factory factory = {};
};

/// What a plugin uses of the program, because it must exist only once.
struct plugin_host {
  std::size_t (*thread_slot)() noexcept = nullptr;
};

/// Names of the functions that a plugin exports. The first returns the ABI tag
/// and is the only one called while the tags may differ; the second returns
/// the model types of the plugin; the third keeps a text with the library, and
/// returns what was kept first.
inline constexpr const char* plugin_abi_symbol = "troupe_plugin_abi";
inline constexpr const char* plugin_models_symbol = "troupe_plugin_models";
inline constexpr const char* plugin_note_symbol = "troupe_plugin_note";

using plugin_abi_function = const char*();
using plugin_models_function = void(const plugin_host&,
                                    std::vector<plugin_model>&);
using plugin_note_function = const std::string&(const std::string&);

} // namespace troupe
