#include "troupe/cli/config/reload/config_keeper.hpp"

#include "troupe/cli/config/config_text.hpp"
#include "troupe/cli/config/pointer.hpp"
#include "troupe/cli/config/reload/version_folder.hpp"
#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/system/file_stamp.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

/// What stands before an entry that is read as a config.
constexpr std::string_view before_entry = R"({"models":[)";
constexpr std::string_view entry_pointer = "/models/0";

json fault(std::string where, std::string pointer, std::string message) {
  return {{"where", std::move(where)},
          {"pointer", std::move(pointer)},
          {"message", std::move(message)}};
}

config_refused refused(const config_error& e) {
  auto faults = json::array();
  for (const auto& x : e.diagnostics())
    faults.push_back(fault(x.origin.where, x.pointer, x.message));
  return {e.what(), std::move(faults)};
}

/// The same for an entry: its positions and pointers are those of its text.
config_refused refused_entry(const config_error& e) {
  auto faults = json::array();
  std::string text;
  for (const auto& x : e.diagnostics()) {
    auto pointer = x.pointer;
    auto where = x.origin.where;
    if (is_within(pointer, entry_pointer)) {
      pointer.erase(0, entry_pointer.size());
      auto at = x.origin.position;
      if (at.line == 1 && at.column > before_entry.size())
        at.column -= before_entry.size();
      where =
        "body:" + std::to_string(at.line) + ':' + std::to_string(at.column);
    }
    if (!text.empty())
      text += '\n';
    text.append(where).append(": error: ");
    if (!pointer.empty())
      text.append(dotted(pointer)).append(": ");
    text.append(x.message);
    faults.push_back(fault(std::move(where), std::move(pointer), x.message));
  }
  return {text, std::move(faults)};
}

config_refused refused_with(const std::string& what) {
  return {what, json::array({fault("", "", what)})};
}

/// Takes the models of these names out of a config that was read.
void take_models(loaded_config& from, const std::vector<std::string>& names,
                 std::vector<model_definition>& to) {
  for (auto& m : from.models)
    if (std::find(names.begin(), names.end(), m.options.name) != names.end())
      to.push_back(std::move(m));
}

} // namespace

served_config served_config_of(const loaded_config& x) {
  served_config result;
  result.document = x.source->document();
  for (const auto& [name, file] : x.files)
    result.stamps[name] = file.filename().string() + '@' + file_stamp(file);
  for (const auto& [name, file] : x.plugins)
    result.stamps[plugin_stamp(name)] = file_stamp(file);
  return result;
}

config_keeper::config_keeper(const loaded_config& served,
                             std::function<loaded_config()> read,
                             const model_registry& models,
                             const spec_registry& specs)
  : read_(std::move(read)),
    models_(&models),
    specs_(&specs),
    directory_(served.source->directory()),
    watch_(served.watch),
    file_(served.source->file()),
    options_(served.server),
    current_(served_config_of(served)),
    read_last_(served.source->document()) {
  for (const auto& x : served.specs)
    spec_names_.push_back(x.spec->name());
}

json config_keeper::document() const {
  std::unique_lock guard{mutex_};
  return current_.to_json();
}

std::string config_keeper::stamp() const {
  auto result = file_stamp(file_);
  std::unique_lock guard{mutex_};
  for (const auto& m : read_last_.value("models", json::array())) {
    const auto path = m.value("path", "");
    if (path.empty())
      continue;
    const auto place = directory_ / path;
    result.append("|").append(file_stamp(place));
    // Only what could be served: others may write beside it.
    for (const auto& version : versions_in(place)) {
      try {
        auto file = version_file(place, version);
        result.append(";").append(file.string()).append(file_stamp(file));
      } catch (const std::invalid_argument&) {
        // It is not complete.
        result.append(";").append(version);
      }
    }
  }
  return result;
}

// -- reload -------------------------------------------------------------------

planned_change config_keeper::reload() {
  auto next = std::make_shared<loaded_config>();
  try {
    *next = read_();
  } catch (const config_error& e) {
    throw refused(e);
  } catch (const std::runtime_error& e) {
    throw refused_with(e.what());
  }
  auto is = served_config_of(*next);
  auto differs = compare(current_, is);
  auto faults = json::array();
  std::string text;
  for (const auto& x : differs.changes)
    if (x.kind == difference_kind::restart_server) {
      auto where = next->source->value_origin(x.pointer).where;
      text.append(where).append(": error: ").append(x.text).append("\n");
      faults.push_back(fault(std::move(where), x.pointer, x.text));
    }
  if (!faults.empty())
    throw config_refused(text
                           + "the config has changes that need a restart; "
                             "restart the program, or take them back",
                         std::move(faults));
  planned_change result;
  result.differences = differs.texts();
  auto& change = result.change;
  auto added = differs.added;
  added.insert(added.end(), differs.replaced.begin(), differs.replaced.end());
  take_models(*next, added, change.models);
  take_models(*next, differs.kept, change.kept_models);
  auto put = put_;
  for (const auto& m : is.document.value("models", json::array()))
    put.erase(m.value("name", ""));
  for (const auto& name : differs.removed)
    if (!put.contains(name))
      change.removed_models.push_back(name);
    else if (const auto* entry = find_model_entry(current_.document, name)) {
      // It was not the config that brought it.
      is.document["models"].push_back(*entry);
      result.differences.erase(
        std::remove(result.differences.begin(), result.differences.end(),
                    json("models." + name + ": removed")),
        result.differences.end());
    }
  std::vector<std::string> names;
  for (const auto& x : next->specs)
    names.push_back(x.spec->name());
  for (auto i : differs.new_specs)
    change.specs.push_back(
      {std::move(next->specs[i].spec), std::move(next->specs[i].origin)});
  for (auto i : differs.old_specs)
    if (std::find(names.begin(), names.end(), spec_names_[i]) == names.end())
      change.removed_specs.push_back(spec_names_[i]);
  auto options = next->server;
  if (options.api_key != options_.api_key)
    result.differences.push_back("server: the API key has changed");
  if (options.admin_key() != options_.admin_key())
    result.differences.push_back("server: the admin key has changed");
  if (differs.server || options.api_key != options_.api_key
      || options.admin_key() != options_.admin_key())
    change.options = options;
  result.made = [this, is = std::move(is), names = std::move(names),
                 put = std::move(put), read = next->source->document(),
                 options = std::move(options)]() mutable {
    std::unique_lock guard{mutex_};
    current_ = std::move(is);
    spec_names_ = std::move(names);
    put_ = std::move(put);
    read_last_ = std::move(read);
    options_ = std::move(options);
  };
  return result;
}

// -- single models ------------------------------------------------------------

std::string config_keeper::rest_of_config(bool with_nodes) const {
  std::string result = "]";
  for (const auto& [key, value] : current_.document.items())
    if (key != "models" && key != "specs" && (key != "cluster" || with_nodes))
      result.append(",")
        .append(dump_json(key))
        .append(":")
        .append(dump_json(value));
  return result + '}';
}

loaded_config config_keeper::read_entry(std::string_view verb,
                                        const std::string& name,
                                        const std::string& entry) {
  try {
    auto alone = config_source{"body", entry, directory_};
    if (!alone.document().is_object())
      throw refused_with("expected a model entry, an object");
    std::string text{before_entry};
    text.append(entry).append("\n").append(
      rest_of_config(alone.document().contains("nodes")));
    config_source source{"body", text, directory_};
    std::vector<config_override> overrides;
    if (!alone.document().contains("name"))
      overrides.push_back({"models.0.name", name, "the path"});
    auto result =
      load_config(std::move(source), overrides, *models_, *specs_, true);
    if (auto said = result.models.front().options.name; said != name)
      throw config_refused(
        "the entry is called \"" + said + "\", and the path says \"" + name
          + '"',
        json::array({fault("body", "/name", "expected \"" + name + '"')}));
    auto& origin = result.models.front().options.origin;
    origin.where = verb;
    origin.where.append(" /admin/models/").append(name);
    return result;
  } catch (const config_error& e) {
    throw refused_entry(e);
  }
}

void config_keeper::serve_entry(const std::string& name,
                                const served_config& from) {
  std::unique_lock guard{mutex_};
  const auto* entry = find_model_entry(from.document, name);
  auto& list = current_.document["models"];
  if (list.is_null())
    list = json::array();
  auto i = std::find_if(list.begin(), list.end(), [&](const auto& x) {
    return x.value("name", "") == name;
  });
  if (i != list.end()) {
    *i = *entry;
  } else {
    list.push_back(*entry);
    put_.insert(name);
  }
  auto stamp = from.stamps.find(name);
  current_.stamps[name] = stamp != from.stamps.end() ? stamp->second : "";
}

planned_change config_keeper::put_model(const std::string& name,
                                        const std::string& entry) {
  auto next = read_entry("PUT", name, entry);
  planned_change result;
  const auto is_new = find_model_entry(current_.document, name) == nullptr;
  result.differences = {"models." + name + (is_new ? ": added" : ": replaced")};
  result.made = [this, name, is = served_config_of(next)] {
    serve_entry(name, is);
  };
  result.change.models.push_back(std::move(next.models.front()));
  return result;
}

planned_change config_keeper::patch_model(const std::string& name,
                                          const json& patch) {
  const auto* entry = find_model_entry(current_.document, name);
  if (entry == nullptr)
    throw refused_with("model \"" + name
                       + "\" does not come from a config, and cannot be "
                         "changed by a part of one");
  auto faults = json::array();
  const auto& live = live_model_keys();
  for (const auto& [key, value] : patch.items())
    if (std::find(live.begin(), live.end(), key) == live.end())
      faults.push_back(
        fault("body", child("", key),
              "cannot be changed while the model serves; PUT the whole entry. "
              "PATCH takes "
                + quoted_list(live)));
  if (!faults.empty())
    throw config_refused("the body has keys that PATCH does not take",
                         std::move(faults));
  auto merged = *entry;
  merged.merge_patch(patch);
  if (!differ_live(*entry, merged))
    throw refused_with("of a queue, only max_size and max_concurrency can be "
                       "changed while the model serves; of workers, only min "
                       "and max, and none of an inline model; PUT the whole "
                       "entry");
  auto next = read_entry("PATCH", name, dump_json(merged));
  planned_change result;
  for (const auto& key : differing_keys(*entry, merged))
    result.differences.push_back(
      std::string{"models."}.append(name).append(": ").append(key).append(
        " changed"));
  result.made = [this, name, is = served_config_of(next)] {
    serve_entry(name, is);
  };
  result.change.kept_models.push_back(std::move(next.models.front()));
  return result;
}

planned_change config_keeper::remove_model(const std::string& name) {
  planned_change result;
  result.made = [this, name] {
    std::unique_lock guard{mutex_};
    put_.erase(name);
    current_.stamps.erase(name);
    if (auto list = current_.document.find("models");
        list != current_.document.end())
      list->erase(std::remove_if(
                    list->begin(), list->end(),
                    [&](const auto& x) { return x.value("name", "") == name; }),
                  list->end());
  };
  return result;
}

} // namespace troupe
