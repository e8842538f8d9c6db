#include "troupe/models/pipeline/pipeline_template.hpp"

#include "troupe/models/registry.hpp"
#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/text/text.hpp"
#include "troupe/specs/values/validation_error.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace troupe {

namespace {

using nlohmann::json;

/// Takes a JSON pointer apart.
std::vector<std::string> parts_of(std::string_view pointer) {
  std::vector<std::string> result;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    auto end = std::min(pointer.find('/'), pointer.size());
    std::string part;
    for (std::size_t i = 0; i < end; ++i) {
      if (pointer[i] == '~' && i + 1 < end)
        part += pointer[++i] == '0' ? '~' : '/';
      else
        part += pointer[i];
    }
    result.push_back(std::move(part));
    pointer.remove_prefix(end);
  }
  return result;
}

/// Finds what a pointer points to; null when there is nothing.
const json* find_at(const json& document, const std::string& pointer) {
  const auto* at = &document;
  for (const auto& part : parts_of(pointer)) {
    if (at->is_object()) {
      auto i = at->find(part);
      if (i == at->end())
        return nullptr;
      at = &*i;
    } else if (at->is_array()) {
      if (part.empty() || part.size() > 9
          || !std::all_of(part.begin(), part.end(), is_digit))
        return nullptr;
      const auto index = std::stoul(part);
      if (index >= at->size())
        return nullptr;
      at = &(*at)[index];
    } else {
      return nullptr;
    }
  }
  return at;
}

json query_of(const request& x) {
  auto result = json::object();
  auto rest = x.query();
  while (!rest.empty()) {
    auto item = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    auto name = item.substr(0, item.find('='));
    if (auto value = x.query_param(name))
      result[std::string{name}] = std::move(*value);
  }
  return result;
}

json params_of(const request& x) {
  auto result = json::object();
  for (const auto& [name, value] : x.params)
    result[name] = value;
  return result;
}

/// One string of a template that stands for a value.
struct hole {
  json::json_pointer at;
  pipeline_reference reference;
};

class template_reader {
public:
  template_reader(const pipeline_names& known, const std::string& where)
    : known_(&known), where_(&where) {
    // nop
  }

  void read(json& x, const json::json_pointer& at) {
    if (x.is_object()) {
      for (auto& [key, value] : x.items())
        read(value, at / key);
    } else if (x.is_array()) {
      for (std::size_t i = 0; i < x.size(); ++i)
        read(x[i], at / i);
    } else if (x.is_string()) {
      auto& text = x.get_ref<std::string&>();
      if (pipeline_reference::is_one(text))
        holes.push_back(
          {at, pipeline_reference::parse(text, *known_, *where_)});
      else if (text.starts_with("$$"))
        text.erase(0, 1);
    }
  }

  std::vector<hole> holes;

private:
  const pipeline_names* known_;
  const std::string* where_;
};

} // namespace

// -- pipeline_reference -------------------------------------------------------

bool pipeline_reference::is_one(std::string_view text) noexcept {
  return text.starts_with('$') && !text.starts_with("$$");
}

pipeline_reference pipeline_reference::parse(std::string_view text,
                                             const pipeline_names& known,
                                             const std::string& where) {
  pipeline_reference result;
  result.text_ = text;
  auto rest = text.substr(1);
  auto slash = std::min(rest.find('/'), rest.size());
  result.name_ = rest.substr(0, slash);
  result.pointer_ = rest.substr(slash);
  for (std::size_t i = 0; i < result.pointer_.size(); ++i)
    if (result.pointer_[i] == '~'
        && (i + 1 == result.pointer_.size()
            || (result.pointer_[i + 1] != '0'
                && result.pointer_[i + 1] != '1')))
      throw model_config_error(where, troupe::quoted(text)
                                        + ": write ~0 for ~ and ~1 for /");
  std::vector<std::string> names{"request", "input", "params", "query"};
  if (known.has_last)
    names.emplace_back("last");
  if (known.in_map) {
    names.emplace_back("item");
    names.emplace_back("index");
  }
  names.insert(names.end(), known.steps.begin(), known.steps.end());
  if (std::find(names.begin(), names.end(), result.name_) == names.end()) {
    auto why = unknown_name("reference", result.name_, names);
    if (result.name_ == "last")
      why =
        "\"$last\" is what the step before gave, and this is the first; use "
        "\"$input\" or \"$request\"";
    else if (result.name_ == "item" || result.name_ == "index")
      why = "\"$" + result.name_ + "\" is for the steps of a \"map\"";
    else
      why += "; a text that begins with $ is written with $$";
    throw model_config_error(where, why);
  }
  if (result.name_ == "request" && !result.pointer_.empty())
    throw model_config_error(where, "\"$request\" is the request as it came; "
                                    "\"$input"
                                      + result.pointer_
                                      + "\" is a part of its JSON");
  return result;
}

pipeline_value pipeline_reference::root(const pipeline_scope& x) const {
  if (name_ == "request")
    return {};
  if (name_ == "input")
    return pipeline_value{
      std::shared_ptr<const json>{std::shared_ptr<const json>{}, &x.input()}};
  if (name_ == "params")
    return params_of(x.request());
  if (name_ == "query")
    return query_of(x.request());
  if (name_ == "last")
    return x.last();
  if (name_ == "item")
    return pipeline_value{
      std::shared_ptr<const json>{std::shared_ptr<const json>{}, &x.item()}};
  if (name_ == "index")
    return json(x.index());
  if (const auto* found = x.find(name_))
    return *found;
  throw http_error(500, "The step " + troupe::quoted(name_) + " gave nothing");
}

json pipeline_reference::read_or_null(const pipeline_scope& x,
                                      bool& found) const {
  auto all = root(x);
  if (pointer_.empty()) {
    found = true;
    return all.to_json(x.request());
  }
  const auto* part =
    all.document() != nullptr ? find_at(*all.document(), pointer_) : nullptr;
  found = part != nullptr;
  return found ? *part : json(nullptr);
}

pipeline_value pipeline_reference::read(const pipeline_scope& x) const {
  auto all = root(x);
  if (pointer_.empty()) {
    // A view of the request's own document may be gone before the value is.
    if (name_ == "input" || name_ == "item")
      return json(*all.document());
    return all;
  }
  if (all.document() != nullptr)
    if (const auto* part = find_at(*all.document(), pointer_))
      return json(*part);
  if (is_of_request())
    blame_request("missing", "Field required");
  throw http_error(500, "There is no value at " + troupe::quoted(text_));
}

void pipeline_reference::blame_request(const char* type,
                                       const std::string& message) const {
  if (name_ != "input" && name_ != "request")
    throw http_error(
      422,
      json::array({{{"loc", {name_ == "query" ? "query" : "path", pointer_}},
                    {"msg", message},
                    {"type", type}}}));
  validation_error fault{type, message};
  auto parts = parts_of(pointer_);
  for (auto i = parts.rbegin(); i != parts.rend(); ++i)
    fault.prepend(*i);
  throw fault;
}

pipeline_value pipeline_reference::read_list(const pipeline_scope& x) const {
  auto result = name_ == "request" ? pipeline_value{json(x.input())} : read(x);
  if (result.document() != nullptr && result.document()->is_array())
    return result;
  if (is_of_request() || name_ == "request")
    blame_request("type_error", "Expected a list");
  throw http_error(500, "There is no list at " + troupe::quoted(text_));
}

// -- templates ----------------------------------------------------------------

pipeline_function make_template(const json& text, const pipeline_names& known,
                                const std::string& where) {
  if (text.is_string()) {
    const auto& whole = text.get_ref<const std::string&>();
    if (pipeline_reference::is_one(whole))
      return [x = pipeline_reference::parse(whole, known, where)](
               const pipeline_scope& scope) { return x.read(scope); };
  }
  auto form = text;
  template_reader reader{known, where};
  reader.read(form, json::json_pointer{});
  return [form = std::move(form),
          holes = std::move(reader.holes)](const pipeline_scope& scope) {
    auto result = form;
    for (const auto& x : holes)
      result[x.at] = x.reference.read(scope).to_json(scope.request());
    return pipeline_value{std::move(result)};
  };
}

} // namespace troupe
