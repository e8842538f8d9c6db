#include "troupe/cli/config/config_reader.hpp"

#include "troupe/cli/config/pointer.hpp"
#include "troupe/cli/sections/option_table.hpp"
#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/json/json.hpp"

#include <algorithm>
#include <tuple>

namespace troupe {

namespace {

using nlohmann::json;

/// Finds the section of the table that a key belongs to.
std::string home_of(const option& section, const std::string& key,
                    const std::string& path) {
  for (const auto& o : section.nested) {
    auto here = path.empty() ? o.key : path + '.' + o.key;
    if (o.key == key)
      return here;
    auto inside = o.kind == option_kind::entries ? here + ".0" : here;
    if (auto found = home_of(o, key, inside); !found.empty())
      return found;
  }
  return {};
}

class reader {
public:
  reader(config_draft& draft, config_diagnostics& errors)
    : draft_(&draft), errors_(&errors) {
    // nop
  }

  void read(const option& o, const json& value, const std::string& pointer) {
    if (!accepts(o, value)) {
      errors_->value(pointer,
                     "expected " + o.expected() + ", got " + shown(value));
    } else if (o.kind == option_kind::section
               || (o.kind == option_kind::integer_or_section
                   && value.is_object())) {
      read_section(o, value, pointer);
    } else if (o.kind == option_kind::entries) {
      read_entries(o, value, pointer);
    } else if (o.apply) {
      o.apply(*draft_, value);
    }
  }

private:
  void read_section(const option& o, const json& object,
                    const std::string& pointer) {
    for (const auto& [key, value] : object.items()) {
      auto inner = child(pointer, key);
      if (const auto* known = o.find(key))
        read(*known, value, inner);
      else
        errors_->key(inner, unknown_key(o, key));
    }
    for (const auto& known : o.nested)
      if (known.required && !object.contains(known.key))
        errors_->value(pointer, "the key \"" + known.key
                                  + "\" is missing, expected "
                                  + known.expected());
  }

  void read_entries(const option& o, const json& array,
                    const std::string& pointer) {
    for (std::size_t i = 0; i < array.size(); ++i) {
      auto inner = child(pointer, i);
      // Also for a value that is not an entry, so that indexes stay the same.
      o.begin_entry(*draft_);
      if (array[i].is_object())
        read_section(o, array[i], inner);
      else
        errors_->value(inner, "expected an object, got " + shown(array[i]));
    }
  }

  static std::string unknown_key(const option& o, const std::string& key) {
    auto keys = o.keys();
    if (nearest_name(key, keys).empty()) {
      if (option_table().find(key))
        return "unknown key " + dump_json(key)
               + " here, it belongs to the top level";
      if (auto home = home_of(option_table(), key, {}); !home.empty())
        return "unknown key " + dump_json(key) + " here, did you mean \"" + home
               + "\"?";
    }
    return unknown_name("key", key, keys);
  }

  config_draft* draft_;
  config_diagnostics* errors_;
};

} // namespace

void config_diagnostics::value(const std::string& pointer,
                               std::string message) {
  list_.push_back(
    {source_->value_origin(pointer), pointer, std::move(message)});
}

void config_diagnostics::key(const std::string& pointer, std::string message) {
  list_.push_back({source_->key_origin(pointer), pointer, std::move(message)});
}

bool config_diagnostics::any_within(std::string_view pointer) const {
  return std::any_of(list_.begin(), list_.end(), [&](const auto& x) {
    return is_within(x.pointer, pointer);
  });
}

void config_diagnostics::throw_if_any() {
  if (list_.empty())
    return;
  auto order = [](const diagnostic& x) {
    return std::tuple{x.origin.from_command_line, x.origin.position};
  };
  std::stable_sort(
    list_.begin(), list_.end(),
    [&](const auto& x, const auto& y) { return order(x) < order(y); });
  throw config_error(source_->file(), std::move(list_));
}

config_draft read_config(const config_source& source,
                         config_diagnostics& errors) {
  config_draft result;
  reader{result, errors}.read(option_table(), source.document(), {});
  return result;
}

} // namespace troupe
