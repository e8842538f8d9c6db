#include "troupe/cli/config/config.hpp"

#include "troupe/cli/config/caf_values.hpp"
#include "troupe/cli/config/cluster_keys.hpp"
#include "troupe/cli/config/config_reader.hpp"
#include "troupe/cli/config/idle_keys.hpp"
#include "troupe/cli/config/keys/environment_keys.hpp"
#include "troupe/cli/config/keys/observe_keys.hpp"
#include "troupe/cli/config/keys/plugin_keys.hpp"
#include "troupe/cli/config/keys/supervision_keys.hpp"
#include "troupe/cli/config/pointer.hpp"
#include "troupe/cli/config/reload/version_folder.hpp"
#include "troupe/cli/worker/worker_recipe.hpp"
#include "troupe/http/caf_options.hpp"
#include "troupe/models/process/process_model.hpp"
#include "troupe/specs/endpoint/pattern.hpp"
#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/json/json.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>

namespace troupe {

namespace {

/// How two clashing entries are settled in a config.
constexpr const char* policy_hint =
  "\"on_conflict\": \"keep-first\" or \"override\"";

/// Turns a draft into what is served: looks up types, names and keys.
class resolver {
public:
  resolver(const config_source& source, config_diagnostics& errors,
           known_models models, const spec_registry& specs)
    : source_(&source),
      errors_(&errors),
      models_(std::move(models)),
      specs_(&specs) {
    // nop
  }

  loaded_config run(config_draft draft, bool beside_others) {
    loaded_config result;
    const auto& directory = source_->directory();
    require_something(draft);
    require_unique_names(draft);
    resolve_keys(*source_, draft, *errors_);
    find_tls_files(draft.server.options.cluster.tls, directory);
    complete_observing(draft.server.options, *source_, *errors_);
    check_builtins(draft.server.options.builtins);
    if (!check_cluster(draft.server.options.cluster))
      check("/server", draft.server.options.validate());
    check("/caf", check_caf_options(caf_values(draft.caf)));
    report_idle_keys(*source_, draft, *errors_);
    report_cluster_keys(*source_, draft, *errors_);
    report_pipeline_keys(*source_, draft, *errors_);
    report_supervision_keys(*source_, draft, *errors_);
    locate_admin(draft.server.options.admin);
    result.server = std::move(draft.server.options);
    result.watch = draft.server.watch;
    result.says_port = source_->find("/server/port") != nullptr;
    for (std::size_t i = 0; i < draft.models.size(); ++i) {
      draft.models[i].config.directory = directory;
      add_model(std::move(draft.models[i]), child("/models", i), result);
    }
    if (!beside_others)
      report_pipeline_faults(*source_, result.models, *errors_);
    for (std::size_t i = 0; i < draft.specs.size(); ++i) {
      draft.specs[i].directory = directory;
      draft.specs[i].models = served_;
      add_spec(draft.specs[i], child("/specs", i), result);
    }
    result.caf = std::move(draft.caf);
    result.plugins = models_.plugins;
    return result;
  }

private:
  // -- the whole --------------------------------------------------------------

  void require_something(const config_draft& draft) {
    if (draft.models.empty() && draft.specs.empty()
        && !errors_->any_within("/models") && !errors_->any_within("/specs")
        && source_->document().is_object())
      errors_->value("", "nothing is served, expected at least one entry in "
                         "\"models\" or \"specs\"");
  }

  void require_unique_names(const config_draft& draft) {
    std::map<std::string, std::string> seen;
    for (std::size_t i = 0; i < draft.models.size(); ++i) {
      const auto& name = draft.models[i].options.name;
      if (name.empty())
        continue; // reported by the reader
      auto here = child(child("/models", i), "name");
      auto [first, added] = seen.emplace(name, here);
      names_.push_back(name);
      served_.push_back({name, draft.models[i].options.access});
      if (!added)
        errors_->value(here, "the name " + dump_json(name) + " is taken, see "
                               + source_->value_origin(first->second).where);
    }
  }

  /// @returns whether there was something wrong
  bool check_cluster(const cluster_options& x) {
    auto what = x.validate();
    // Its keys stand at the top of a config, not in "server".
    if (what.empty() || !what.starts_with("cluster."))
      return false;
    check("/cluster", what.substr(std::string_view{"cluster."}.size()));
    return true;
  }

  // -- checks by other parts --------------------------------------------------

  /// Reports what `validate` says, at the key that it starts with if it does;
  /// only where the reader found no fault, because the defaults would be blamed
  /// otherwise.
  void check(const std::string& entry, const std::string& what) {
    if (what.empty() || errors_->any_within(entry))
      return;
    auto i = what.find(": ");
    auto key = what.substr(0, i);
    auto is_key = i != std::string::npos
                  && key.find_first_not_of("abcdefghijklmnopqrstuvwxyz_-.")
                       == std::string::npos;
    if (is_key)
      errors_->value(inside(entry, key), what.substr(i + 2));
    else
      errors_->value(entry, what);
  }

  void check_pattern(const std::string& pointer,
                     const std::optional<std::string>& text) {
    try {
      if (text)
        static_cast<void>(parse_pattern(*text));
    } catch (const std::invalid_argument& e) {
      errors_->value(pointer, e.what());
    }
  }

  void check_builtins(builtin_paths& x) {
    for (const auto& row : builtin_table) {
      const std::string name{row.name};
      const auto here = child("/server/builtins", name);
      check_pattern(here, x[row.id]);
      check(here, path_error(row.id, x[row.id]));
      auto& origin = x.origin(row.id);
      const auto key = "\"server\": {\"builtins\": {\"" + name + "\": ";
      origin = {"server.builtins." + name,
                key + '"' + other_path(row.id) + "\"}}", key + "false}}"};
      if (source_->find(here))
        origin.where = source_->value_origin(here).where;
    }
  }

  void locate_admin(admin_options& x) {
    if (const std::string here{"/server/admin"}; source_->find(here))
      x.origin = {source_->key_origin(here).where,
                  {},
                  "\"server\": {\"admin\": {\"enabled\": false}}"};
  }

  static std::string inside(std::string pointer, const std::string& path) {
    if (!path.empty())
      for (const auto& step : split_dotted(path))
        pointer = child(pointer, step);
    return pointer;
  }

  /// Runs a factory and reports what it throws.
  template <class F>
  auto made(const std::string& entry, F&& make)
    -> std::optional<decltype(make())> {
    try {
      return make();
    } catch (const model_config_error& e) {
      errors_->value(inside(entry, e.where()), e.what());
    } catch (const std::exception& e) {
      errors_->value(entry, e.what());
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string origin_of(const std::string& entry,
                                      const char* key) const {
    auto inner = child(entry, key);
    return source_->find(inner) ? source_->key_origin(inner).where
                                : source_->value_origin(entry).where;
  }

  // -- entries ----------------------------------------------------------------

  [[nodiscard]] bool fit_for_factory(const std::string& entry) const {
    for (const auto* key : {"type", "path", "options"})
      if (errors_->any_within(child(entry, key)))
        return false;
    return true;
  }

  void add_model(config_draft::model_entry x, const std::string& entry,
                 loaded_config& result) {
    const auto& type = x.config.type;
    check_pattern(child(entry, "predict"), x.options.predict);
    if (type.empty() || !fit_for_factory(entry))
      return;
    const auto* factory = models_.registry.find(type);
    if (!factory) {
      // Else it may be one of a plugin that was not loaded.
      if (!errors_->any_within("/plugins"))
        errors_->value(
          child(entry, "type"),
          unknown_name("model type", type, models_.registry.types()));
      return;
    }
    if (type == node_type) {
      read_node_entry(*source_, x, entry, *errors_);
      // The factory would say it again, in other words.
      if (errors_->any_within(entry))
        return;
    } else {
      read_process(x, entry);
    }
    if (type != node_type && !find_version(x, entry))
      return;
    check(entry, x.options.validate());
    if (!x.config.path.empty())
      result.files[x.options.name] = x.config.directory / x.config.path;
    x.options.origin = {origin_of(entry, "predict"), "\"predict\": \"/other\"",
                        "\"predict\": false", policy_hint};
    auto batch_size = x.options.batch.max_size;
    auto inlined = x.options.execution == execution_mode::inlined;
    auto definition =
      made(entry, [&] { return (*factory)(std::move(x.options), x.config); });
    if (!definition)
      return;
    definition->cache = std::move(x.cache);
    check_made_model(entry, {type, batch_size, inlined}, *definition, *errors_);
    if (definition->options.execution == execution_mode::process
        && !definition->has_processes)
      run_in_processes(
        *definition,
        recipe_for(x.config, definition->options.process, plugin_of(type)));
    report_health_keys(*source_, *definition, type, entry, *errors_);
    result.models.push_back(std::move(*definition));
  }

  /// Returns the library of a type; empty for one that is built in.
  [[nodiscard]] std::filesystem::path plugin_of(const std::string& type) const {
    auto i = models_.origins.find(type);
    return i != models_.origins.end() ? i->second : std::filesystem::path{};
  }

  /// Takes a folder of versions for the file of one of them.
  /// @returns false after an error
  bool find_version(config_draft::model_entry& x, const std::string& entry) {
    const auto folder = x.config.directory / x.config.path;
    if (x.config.path.empty() || versions_in(folder).empty()) {
      if (x.version.empty())
        return true;
      errors_->value(child(entry, "version"),
                     "is for a path that is a folder with a folder for each "
                     "version, such as 1; leave it out");
      return false;
    }
    try {
      auto file = version_file(folder, x.version);
      x.config.path = file.lexically_relative(
        x.config.directory.empty() ? "." : x.config.directory);
      return true;
    } catch (const std::invalid_argument& e) {
      errors_->value(child(entry, x.version.empty() ? "path" : "version"),
                     e.what());
      return false;
    }
  }

  void read_process(config_draft::model_entry& x, const std::string& entry) {
    const auto is_python = x.config.type == python_type;
    for (const auto* key : {"class", "python"})
      if (!is_python && source_->find(child(entry, key)))
        errors_->value(child(entry, key),
                       "is for models of the type python; leave it out");
    if (is_python) {
      const auto said = child(entry, "execution");
      if (x.options.execution != execution_mode::process && source_->find(said))
        errors_->value(
          said, "a Python model runs in a process of its own, expected "
                "\"process\", got "
                  + dump_json(std::string{to_string(x.options.execution)}));
      x.options.execution = execution_mode::process;
    }
    const auto here = child(entry, "process");
    auto& out = x.options.process;
    for (const auto& [name, value] : x.env.items())
      if (value.is_string())
        out.env[name] = value.get<std::string>();
      else
        errors_->value(child(child(here, "env"), name),
                       "expected a string, got "
                         + std::string{type_name(value)});
    try {
      out.cpu_affinity = parse_processors(x.cpu_affinity);
    } catch (const std::invalid_argument& e) {
      errors_->value(child(here, "cpu_affinity"), e.what());
    }
  }

  void add_spec(const spec_config& x, const std::string& entry,
                loaded_config& result) {
    if (!x.model.empty()
        && std::find(names_.begin(), names_.end(), x.model) == names_.end()) {
      errors_->value(child(entry, "model"),
                     unknown_name("model", x.model, names_));
      return;
    }
    if (x.type.empty() || !fit_for_factory(entry))
      return;
    const auto* factory = specs_->find(x.type);
    if (!factory) {
      auto known = specs_->types();
      auto message = unknown_name("spec type", x.type, known);
      if (known.empty())
        message += "; this build has none: specs are written in C++ for now, "
                   "and added with server::add";
      errors_->value(child(entry, "type"), message);
      return;
    }
    auto spec = made(entry, [&] { return (*factory)(x); });
    if (!spec)
      return;
    if (!*spec) {
      errors_->value(entry, "the spec type did not make a spec");
      return;
    }
    if (!x.prefix.empty())
      (*spec)->prefix = x.prefix;
    (*spec)->max_queue_size = x.max_queue_size;
    (*spec)->max_concurrency = x.max_concurrency;
    result.specs.push_back({std::move(*spec),
                            {source_->value_origin(entry).where,
                             "\"prefix\": \"/other\"",
                             {},
                             policy_hint}});
  }

  const config_source* source_;
  config_diagnostics* errors_;
  known_models models_;
  const spec_registry* specs_;
  std::vector<std::string> names_;
  std::vector<spec_config::served_model> served_;
};

} // namespace

loaded_config load_config(const std::string& path,
                          const std::vector<config_override>& overrides,
                          const model_registry& models,
                          const spec_registry& specs) {
  return load_config(config_source::read(path), overrides, models, specs);
}

loaded_config load_config(config_source source,
                          const std::vector<config_override>& overrides,
                          const model_registry& models,
                          const spec_registry& specs, bool beside_others) {
  config_diagnostics errors{source};
  for (auto& x : source.duplicates())
    errors.add(std::move(x));
  for (const auto& change : overrides)
    for (auto& x : source.apply(change))
      errors.add(std::move(x));
  auto draft = read_config(source, errors);
  resolver resolve{source, errors, load_plugins(source, draft, models, errors),
                   specs};
  auto result = resolve.run(std::move(draft), beside_others);
  errors.throw_if_any();
  result.source = std::make_shared<const config_source>(std::move(source));
  return result;
}

} // namespace troupe
