#include "troupe/cli/config/reload/config_difference.hpp"

#include "troupe/cli/config/pointer.hpp"
#include "troupe/cli/options/option.hpp"
#include "troupe/cli/sections/option_table.hpp"
#include "troupe/specs/json/json.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace troupe {

namespace {

using nlohmann::json;

/// What changes without a restart, and all below it.
constexpr std::array<std::string_view, 20> live_places{
  "/server/timeout_ms",
  "/server/max_body_bytes",
  "/server/api_key_env",
  "/server/on_half_close",
  "/server/encoded_slash",
  "/server/ignore_case",
  "/server/metadata",
  "/server/limits",
  "/server/builtins",
  "/server/shutdown",
  "/server/admin/api_key_env",
  "/server/request_id_header",
  "/server/trusted_proxies",
  "/server/allowed_hosts",
  "/server/cors",
  "/server/rate_limit",
  "/server/gzip",
  "/server/log/level",
  "/server/server_timing",
  "/routes"};

/// What does not, though it lies there.
constexpr std::array<std::string_view, 2> fixed_places{
  "/server/limits/max_connections",
  "/server/limits/max_connections_per_address"};

template <class List>
bool in_any(const List& list, std::string_view pointer) {
  return std::any_of(list.begin(), list.end(),
                     [&](auto x) { return is_within(pointer, x); });
}

/// A member, or null.
const json* member(const json* of, const std::string& key) {
  if (of == nullptr || !of->is_object())
    return nullptr;
  auto i = of->find(key);
  return i != of->end() ? &*i : nullptr;
}

/// What holds: the value, or the default.
json effective(const json* x, const option& o) {
  if (x != nullptr)
    return *x;
  return o.fallback.value_or(nullptr);
}

/// The keys of a section in which two values differ; null stands for none.
std::vector<std::string> differing_nested(const option& section,
                                          const json* was, const json* is) {
  std::vector<std::string> result;
  for (const auto& o : section.nested)
    if (effective(member(was, o.key), o) != effective(member(is, o.key), o))
      result.push_back(o.key);
  return result;
}

/// What an entry says of the way in which its workers follow the load.
json scale_policy_of(const json& entry) {
  const auto* workers = member(&entry, "workers");
  if (workers == nullptr || !workers->is_object())
    return json::object();
  auto result = *workers;
  result.erase("min");
  result.erase("max");
  return result;
}

/// Whether another number of workers means no other workers: not for those that
/// each I/O thread has, and for a policy that SUPERVISOR was started with.
bool scales_live(const json& was, const json& is) {
  return is.value("execution", "") != "inline"
         && scale_policy_of(was) == scale_policy_of(is);
}

std::string known_stamp(const served_config& x, const std::string& name) {
  auto i = x.stamps.find(name);
  return i != x.stamps.end() ? i->second : std::string{};
}

class comparer {
public:
  config_difference run(const served_config& was, const served_config& is) {
    for (const auto& o : option_table().nested)
      if (o.key != "models" && o.key != "specs" && o.key != "$schema"
          && o.key != "plugins")
        walk(o, child("", o.key), member(&was.document, o.key),
             member(&is.document, o.key));
    compare_plugins(was, is);
    compare_models(was, is);
    compare_specs(was.document, is.document);
    return std::move(result_);
  }

private:
  void add(difference_kind kind, std::string pointer, std::string text) {
    result_.changes.push_back({kind, std::move(pointer), std::move(text)});
  }

  // As deep as the option table.
  // NOLINTNEXTLINE(misc-no-recursion)
  void walk(const option& o, const std::string& pointer, const json* was,
            const json* is) {
    if (o.kind == option_kind::section) {
      for (const auto& x : o.nested)
        walk(x, child(pointer, x.key), member(was, x.key), member(is, x.key));
      return;
    }
    auto before = effective(was, o);
    auto after = effective(is, o);
    if (before == after)
      return;
    auto text = dotted(pointer) + ": " + shown(before) + " -> " + shown(after);
    if (in_any(live_places, pointer) && !in_any(fixed_places, pointer)) {
      result_.server = true;
      add(difference_kind::live, pointer, std::move(text));
    } else {
      text += ", needs a restart";
      add(difference_kind::restart_server, pointer, std::move(text));
    }
  }

  /// A new plugin is loaded while the server runs. Nothing takes one away, or
  /// loads another file in its place.
  void compare_plugins(const served_config& was, const served_config& is) {
    const auto before = was.document.value("plugins", json::array());
    const auto after = is.document.value("plugins", json::array());
    auto has = [](const json& list, const json& x) {
      return std::find(list.begin(), list.end(), x) != list.end();
    };
    for (std::size_t i = 0; i < after.size(); ++i) {
      const auto name = after[i].get<std::string>();
      const auto text = "plugins." + std::to_string(i) + ": " + shown(after[i]);
      const auto key = plugin_stamp(name);
      if (!has(before, after[i]))
        add(difference_kind::live, child("/plugins", i), text + " added");
      else if (known_stamp(was, key) != known_stamp(is, key))
        add(difference_kind::restart_server, child("/plugins", i),
            text + " has changed on disk, needs a restart");
    }
    for (const auto& x : before)
      if (!has(after, x))
        add(difference_kind::restart_server, "/plugins",
            "plugins: " + shown(x) + " removed, needs a restart");
  }

  void compare_models(const served_config& was, const served_config& is) {
    const auto* list = member(&is.document, "models");
    std::set<std::string> names;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const auto& entry = (*list)[i];
      const auto name = entry.value("name", "");
      const auto pointer = child("/models", i);
      names.insert(name);
      const auto* old = find_model_entry(was.document, name);
      if (old == nullptr) {
        result_.added.push_back(name);
        add(difference_kind::restart_part, pointer,
            "models." + name + ": added");
        continue;
      }
      compare_model(name, pointer, *old, entry,
                    known_stamp(was, name) != known_stamp(is, name));
    }
    const auto* before = member(&was.document, "models");
    for (std::size_t i = 0; before != nullptr && i < before->size(); ++i) {
      const auto name = (*before)[i].value("name", "");
      if (names.contains(name))
        continue;
      result_.removed.push_back(name);
      add(difference_kind::restart_part, child("/models", i),
          "models." + name + ": removed");
    }
  }

  void compare_model(const std::string& name, const std::string& pointer,
                     const json& was, const json& is, bool other_file) {
    const auto keys = differing_keys(was, is);
    if (keys.empty() && !other_file)
      return;
    const auto kept = !other_file && differ_live(was, is);
    auto text = "models." + name + (kept ? ": changed" : ": replaced");
    if (other_file)
      text += ", its file has changed";
    for (const auto& key : keys) {
      const auto* before = member(&was, key);
      const auto* after = member(&is, key);
      text.append(", ").append(key).append(": ");
      text.append(before ? shown(*before) : "its default").append(" -> ");
      text.append(after ? shown(*after) : "its default");
    }
    (kept ? result_.kept : result_.replaced).push_back(name);
    add(kept ? difference_kind::live : difference_kind::restart_part, pointer,
        std::move(text));
  }

  void compare_specs(const json& was, const json& is) {
    const auto* before = member(&was, "specs");
    const auto* after = member(&is, "specs");
    const auto count = before != nullptr ? before->size() : 0;
    std::vector<bool> found(count);
    for (std::size_t i = 0; after != nullptr && i < after->size(); ++i) {
      std::size_t k = 0;
      while (k < count && (found[k] || (*before)[k] != (*after)[i]))
        ++k;
      if (k < count) {
        found[k] = true;
        continue;
      }
      result_.new_specs.push_back(i);
      add(difference_kind::restart_part, child("/specs", i),
          "specs." + std::to_string(i) + ": " + (*after)[i].value("type", "")
            + " added");
    }
    for (std::size_t k = 0; k < count; ++k)
      if (!found[k]) {
        result_.old_specs.push_back(k);
        add(difference_kind::restart_part, child("/specs", k),
            "specs." + std::to_string(k) + ": " + (*before)[k].value("type", "")
              + " removed");
      }
  }

  config_difference result_;
};

} // namespace

std::string plugin_stamp(const std::string& plugin) {
  return "plugins/" + plugin;
}

json served_config::to_json() const {
  return {{"config", document}, {"stamps", stamps}};
}

served_config served_config::from_json(const json& x) {
  return {x.at("config"),
          x.at("stamps").get<std::map<std::string, std::string>>()};
}

bool config_difference::needs_restart() const {
  return std::any_of(changes.begin(), changes.end(), [](const auto& x) {
    return x.kind == difference_kind::restart_server;
  });
}

json config_difference::texts() const {
  auto result = json::array();
  for (const auto& x : changes)
    result.push_back(x.text);
  return result;
}

config_difference compare(const served_config& was, const served_config& is) {
  return comparer{}.run(was, is);
}

const std::vector<std::string>& live_model_keys() {
  static const std::vector<std::string> keys{"predict",
                                             "access",
                                             "max_body_bytes",
                                             "on_conflict",
                                             "timeout_ms",
                                             "queue_timeout_ms",
                                             "execution_timeout_ms",
                                             "stream_idle_timeout_ms",
                                             "slow_reader_timeout_ms",
                                             "heartbeat_ms",
                                             "queue",
                                             "workers"};
  return keys;
}

std::vector<std::string> differing_keys(const json& was, const json& is) {
  return differing_nested(*option_table().find("models"), &was, &is);
}

bool differ_live(const json& was, const json& is) {
  constexpr std::array<std::string_view, 2> bounds{"max_size",
                                                   "max_concurrency"};
  const auto& live = live_model_keys();
  const auto keys = differing_keys(was, is);
  if (std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
        return std::find(live.begin(), live.end(), key) == live.end();
      }))
    return false;
  if (std::find(keys.begin(), keys.end(), "workers") != keys.end()
      && !scales_live(was, is))
    return false;
  // The rest of a queue belongs to its POOL.
  const auto* queue = option_table().find("models")->find("queue");
  const auto inner =
    differing_nested(*queue, member(&was, "queue"), member(&is, "queue"));
  return std::all_of(inner.begin(), inner.end(), [&](const auto& key) {
    return std::find(bounds.begin(), bounds.end(), key) != bounds.end();
  });
}

const json* find_model_entry(const json& document, const std::string& name) {
  const auto* list = member(&document, "models");
  if (list == nullptr)
    return nullptr;
  for (const auto& x : *list)
    if (x.value("name", "") == name)
      return &x;
  return nullptr;
}

} // namespace troupe
