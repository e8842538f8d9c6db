#pragma once

#include "troupe/models/option_reader.hpp"
#include "troupe/models/plugin/plugin_abi.hpp"
#include "troupe/specs/model/loops/model_adapter.hpp"
#include "troupe/specs/observe/shared_thread_slots.hpp"
#include "troupe/specs/text/text.hpp"

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// Models of your own for the program `troupe`, in a shared library that a
/// config names under `plugins`, see docs/plugins.md. Only the sources of such
/// a library include this file.
namespace troupe::plugin {

/// Completes a definition of a user's class from a config entry:
/// - `static R configure(const model_config&)` checks the entry, may throw
///   `model_config_error`, and what it returns goes to the constructor of each
///   instance;
/// - else a constructor takes the `const model_config&` itself;
/// - else the class has no options, and an entry with `options` or a `path` is
///   refused.
template <class Model>
model_definition make(model_options options, const model_config& config) {
  if constexpr (requires { Model::configure(config); }) {
    return make_model<Model>(std::move(options), Model::configure(config));
  } else if constexpr (std::is_constructible_v<
                         Model,
                         const model_config&> && !std::is_aggregate_v<Model>) {
    return make_model<Model>(std::move(options), config);
  } else {
    static_assert(std::is_default_constructible_v<Model>,
                  "a model of a plugin needs a constructor without arguments, "
                  "or one that takes a const troupe::model_config&, or a "
                  "static configure(const troupe::model_config&) whose result "
                  "its constructor takes");
    option_reader{config.options}.done();
    expect_no_path(config, config.type);
    return make_model<Model>(std::move(options));
  }
}

/// Runs `static void on_load()` of a class that has it, and never again after
/// it has returned: it is called in each process that loads the library, before
/// any entry of a config is looked at, and refuses the library by an exception.
template <class Model>
[[gnu::visibility("hidden")]] void load() {
  if constexpr (requires { Model::on_load(); }) {
    static const bool loaded = (Model::on_load(), true);
    static_cast<void>(loaded);
  }
}

/// Whether a config can name the type.
constexpr bool is_type_name(std::string_view x) noexcept {
  return !x.empty() && std::all_of(x.begin(), x.end(), is_name_char);
}

/// Takes the quotes off a name that was written with them.
constexpr std::string_view bare_name(std::string_view x) noexcept {
  if (x.size() >= 2 && x.front() == '"' && x.back() == '"')
    return x.substr(1, x.size() - 2);
  return x;
}

struct entry {
  std::string_view type;
  model_definition (*make)(model_options, const model_config&);
  void (*load)();
  const entry* next;
};

/// The entries of this library, the last one first.
[[gnu::visibility("hidden")]] inline const entry* entries = nullptr;

/// Puts an entry into the list while the library is loaded. A library has no
/// `main` that could do it.
struct registration {
  registration(std::string_view type,
               model_definition (*make)(model_options, const model_config&),
               void (*load)()) noexcept
    : own{type, make, load, entries} {
    entries = &own;
  }

  registration(const registration&) = delete;
  registration& operator=(const registration&) = delete;

  entry own;
};

// Hidden, like everything that exists once in each library: the system would
// merge those of two libraries into one.

[[gnu::visibility("hidden")]] inline const char* tag() {
  static const std::string text = plugin_abi_tag();
  return text.c_str();
}

[[gnu::visibility("hidden")]] inline const std::string&
first_note(const std::string& text) {
  static const std::string first = text;
  return first;
}

} // namespace troupe::plugin

extern "C" {

[[gnu::used, gnu::visibility("default")]] inline const char*
troupe_plugin_abi() {
  return troupe::plugin::tag();
}

[[gnu::used, gnu::visibility("default")]] inline void
troupe_plugin_models(const troupe::plugin_host& host,
                     std::vector<troupe::plugin_model>& out) {
  troupe::share_thread_slots(host.thread_slot);
  for (const auto* x = troupe::plugin::entries; x != nullptr; x = x->next) {
    x->load();
    out.push_back({std::string{x->type}, x->make});
  }
}

[[gnu::used, gnu::visibility("default")]] inline const std::string&
troupe_plugin_note(const std::string& text) {
  return troupe::plugin::first_note(text);
}

} // extern "C"

#define TROUPE_PLUGIN_JOIN_2(a, b) a##b
#define TROUPE_PLUGIN_JOIN(a, b) TROUPE_PLUGIN_JOIN_2(a, b)

/// Offers a class with `predict` as the model type `name` to configs. The name
/// is an identifier, or a string for one with `-` or `.`. At namespace scope;
/// as many as you like in a library, in any of its sources. Needs no semicolon.
#define TROUPE_MODEL(name, ...)                                                \
  static_assert(                                                               \
    ::troupe::plugin::is_type_name(::troupe::plugin::bare_name(#name)),        \
    "the name of a model type has letters, digits, _ . - only");               \
  static const ::troupe::plugin::registration TROUPE_PLUGIN_JOIN(              \
    troupe_plugin_model_, __COUNTER__){::troupe::plugin::bare_name(#name),     \
                                       &::troupe::plugin::make<__VA_ARGS__>,   \
                                       &::troupe::plugin::load<__VA_ARGS__>};
