#include "troupe/cli/config/config_source.hpp"

#include "troupe/cli/config/override_path.hpp"
#include "troupe/cli/config/pointer.hpp"
#include "troupe/specs/json/json.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace troupe {

namespace {

[[noreturn]] void fail_to_read(const std::string& file, std::string why) {
  throw config_error(file, {{{file, {}, false}, {}, "cannot be read: " + why}});
}

} // namespace

config_override config_override::parse(std::string_view assignment) {
  config_override result;
  result.origin = "--set " + std::string{assignment};
  auto i = assignment.find('=');
  if (i == std::string_view::npos)
    return result;
  result.path = assignment.substr(0, i);
  auto text = assignment.substr(i + 1);
  try {
    result.value = parse_json(text);
  } catch (const json_syntax_error&) {
    result.value = std::string{text};
  }
  return result;
}

config_source::config_source(std::string file, std::string_view text)
  : config_source(file, text, std::filesystem::path{file}.parent_path()) {
  // nop
}

config_source::config_source(std::string name, std::string_view text,
                             std::filesystem::path directory)
  : file_(std::move(name)), directory_(std::move(directory)) {
  try {
    text_ = parse_config_text(text);
  } catch (const config_syntax_error& e) {
    throw config_error(file_, {{at(e.where()), {}, e.what()}});
  }
}

config_source config_source::read(const std::string& file) {
  std::error_code code;
  if (std::filesystem::is_directory(file, code))
    fail_to_read(file, "it is a folder");
  std::ifstream in{file, std::ios::binary};
  if (!in)
    fail_to_read(file, std::strerror(errno));
  std::ostringstream text;
  // Inserting an empty file would count as a failure.
  if (in.peek() != std::ifstream::traits_type::eof())
    text << in.rdbuf();
  if (in.bad() || !text)
    fail_to_read(file, "reading it failed");
  return config_source{file, text.str()};
}

std::vector<diagnostic> config_source::apply(const config_override& x) {
  // Counts as a line, so that errors keep the order of the command line.
  config_origin origin{x.origin, {++override_count_, 1}, true};
  auto target = resolve_override(text_.document, x.path);
  if (!target.error.empty())
    return {{origin, {}, target.error}};
  auto* place = &text_.document;
  std::string pointer;
  for (const auto& step : target.steps) {
    pointer = child(pointer, step);
    if (place->is_array()) {
      place = &(*place)[std::stoul(step)];
      continue;
    }
    if (!place->contains(step)) {
      (*place)[step] = nlohmann::json::object();
      shadow(pointer, origin);
    }
    place = &(*place)[step];
  }
  *place = x.value;
  shadow(pointer, origin);
  return {};
}

void config_source::shadow(const std::string& pointer,
                           const config_origin& by) {
  std::erase_if(overridden_,
                [&](const auto& x) { return is_within(x.first, pointer); });
  overridden_.emplace(pointer, by);
}

const nlohmann::json* config_source::find(const std::string& pointer) const {
  const auto* value = &text_.document;
  for (const auto& step : steps(pointer)) {
    if (value->is_object() && value->contains(step)) {
      value = &(*value)[step];
    } else if (value->is_array()) {
      auto i = as_index(step);
      if (!i || *i >= value->size())
        return nullptr;
      value = &(*value)[*i];
    } else {
      return nullptr;
    }
  }
  return value;
}

config_origin config_source::value_origin(std::string_view pointer) const {
  return origin(pointer, false);
}

config_origin config_source::key_origin(std::string_view pointer) const {
  return origin(pointer, true);
}

config_origin config_source::origin(std::string_view pointer, bool key) const {
  for (;; pointer = parent(pointer)) {
    std::string here{pointer};
    if (auto i = overridden_.find(here); i != overridden_.end())
      return i->second;
    if (const auto* entry = text_.positions.find(here)) {
      // What stands in the file counts only if nothing above it was replaced.
      for (auto above = pointer; !above.empty();) {
        above = parent(above);
        if (auto i = overridden_.find(std::string{above});
            i != overridden_.end())
          return i->second;
      }
      return at(key ? entry->key : entry->value);
    }
    if (pointer.empty())
      return at({});
  }
}

config_origin config_source::at(text_position x) const {
  return {file_ + ':' + std::to_string(x.line) + ':' + std::to_string(x.column),
          x, false};
}

std::vector<diagnostic> config_source::duplicates() const {
  std::vector<diagnostic> result;
  for (const auto& x : text_.positions.duplicates())
    result.push_back({at(x.second), x.pointer,
                      "the key occurs twice in this object, first at "
                        + at(x.first).where + "; remove one"});
  return result;
}

} // namespace troupe
