#include "troupe/models/pipeline/pipeline_reader.hpp"

#include "troupe/models/option_reader.hpp"
#include "troupe/models/pipeline/pipeline_condition.hpp"
#include "troupe/models/pipeline/pipeline_template.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using nlohmann::json;

/// What a step does is said by one of these keys.
const std::vector<std::string> step_kinds{"model", "value", "if", "map",
                                          "parallel"};

/// Names that references use for something else.
constexpr std::array<std::string_view, 7> taken_names{
  "request", "input", "params", "query", "last", "item", "index"};

constexpr std::size_t deepest_steps = 32;

class steps_reader {
public:
  pipeline_steps read(const json& list, const std::string& where,
                      pipeline_names known) {
    if (!list.is_array() || list.empty())
      throw model_config_error(where,
                               "expected a list with at least one step, e.g. "
                               "[{\"model\": \"NAME\"}]");
    if (++depth_ > deepest_steps)
      throw model_config_error(where, "steps are nested deeper than "
                                        + std::to_string(deepest_steps));
    pipeline_steps result;
    for (std::size_t i = 0; i < list.size(); ++i) {
      auto here = where;
      here.append(1, '.').append(std::to_string(i));
      read_step(list[i], here, known, result);
      known.has_last = true;
    }
    --depth_;
    return result;
  }

private:
  void read_step(const json& x, const std::string& where, pipeline_names& known,
                 pipeline_steps& out) {
    const auto kind = kind_of(x, where);
    if (kind == "model")
      read_call(x, where, known, out);
    else if (kind == "value")
      read_value(x, where, known, out);
    else if (kind == "if")
      read_branch(x, where, known, out);
    else if (kind == "map")
      read_map(x, where, known, out);
    else
      read_parallel(x, where, known, out);
    if (auto name = x.find("name"); name != x.end())
      take_name(*name, where + ".name", known, out);
  }

  static std::string kind_of(const json& x, const std::string& where) {
    std::string result;
    if (x.is_object())
      for (const auto& key : step_kinds) {
        if (!x.contains(key))
          continue;
        if (!result.empty())
          throw model_config_error(place_of(where, key),
                                   "the step has \"" + result
                                     + "\" already; make two steps of it");
        result = key;
      }
    if (result.empty())
      throw model_config_error(where, "expected a step: an object with one of "
                                        + quoted_list(step_kinds));
    return result;
  }

  static void allow(const json& x, const std::string& where,
                    std::initializer_list<const char*> keys) {
    std::vector<std::string> known{"name"};
    known.insert(known.end(), keys.begin(), keys.end());
    for (const auto& [key, value] : x.items())
      if (std::find(known.begin(), known.end(), key) == known.end())
        throw model_config_error(place_of(where, key),
                                 unknown_name("key", key, known));
  }

  /// Checks a name and lets later steps use it.
  static void take_name(const json& name, const std::string& where,
                        pipeline_names& known, pipeline_steps& out) {
    if (!name.is_string() || name.get_ref<const std::string&>().empty())
      throw model_config_error(where, "expected a name");
    const auto& text = name.get_ref<const std::string&>();
    if (text.find_first_of("/$~.[]") != std::string::npos)
      throw model_config_error(where, "a name must not have / $ ~ . [ or ]");
    if (std::find(taken_names.begin(), taken_names.end(), text)
        != taken_names.end())
      throw model_config_error(where, "\"$" + text
                                        + "\" means something else; choose "
                                          "another name");
    if (std::find(known.steps.begin(), known.steps.end(), text)
        != known.steps.end())
      throw model_config_error(where, "another step is called \"" + text
                                        + "\"; names are unique");
    known.steps.push_back(text);
    out.named(text);
  }

  static pipeline_function template_of(const json& x, const char* key,
                                       const std::string& where,
                                       const pipeline_names& known) {
    auto i = x.find(key);
    if (i == x.end())
      return nullptr;
    auto here = where;
    return make_template(*i, known, here.append(1, '.').append(key));
  }

  static void read_call(const json& x, const std::string& where,
                        const pipeline_names& known, pipeline_steps& out) {
    allow(x, where, {"model", "input", "on_failure"});
    const auto& model = x["model"];
    if (!model.is_string() || model.get_ref<const std::string&>().empty())
      throw model_config_error(where + ".model",
                               "expected the name of a model");
    out.call(model.get<std::string>(), template_of(x, "input", where, known));
    if (auto i = x.find("on_failure"); i != x.end())
      out.recover(
        [value = *i](const failure&) -> std::optional<pipeline_value> {
          return pipeline_value{value};
        });
  }

  static void read_value(const json& x, const std::string& where,
                         const pipeline_names& known, pipeline_steps& out) {
    allow(x, where, {"value"});
    out.make(template_of(x, "value", where, known));
  }

  void read_branch(const json& x, const std::string& where,
                   const pipeline_names& known, pipeline_steps& out) {
    allow(x, where, {"if", "then", "else"});
    auto condition = make_condition(x["if"], known, where + ".if");
    if (!x.contains("then") && !x.contains("else"))
      throw model_config_error(where, "expected steps in \"then\" or \"else\"");
    auto way = [&](const char* key) {
      auto i = x.find(key);
      return i != x.end() ? read(*i, place_of(where, key), known)
                          : pipeline_steps{};
    };
    auto then = way("then");
    auto otherwise = way("else");
    out.branch(std::move(condition), std::move(then), std::move(otherwise));
  }

  void read_map(const json& x, const std::string& where, pipeline_names known,
                pipeline_steps& out) {
    allow(x, where, {"map", "steps", "at_once"});
    const auto& list = x["map"];
    if (!list.is_array()
        && !(list.is_string()
             && pipeline_reference::is_one(list.get_ref<const std::string&>())))
      throw model_config_error(where + ".map",
                               "expected a reference to a list, e.g. "
                               "\"$last/boxes\", or a list");
    pipeline_function function;
    if (list.is_string())
      function = [reference = pipeline_reference::parse(
                    list.get_ref<const std::string&>(), known, where + ".map")](
                   const pipeline_scope& scope) {
        return reference.read_list(scope);
      };
    else
      function = template_of(x, "map", where, known);
    if (!x.contains("steps"))
      throw model_config_error(where, "expected \"steps\": what is done for "
                                      "each item");
    std::size_t at_once = pipeline_steps::default_at_once;
    if (auto i = x.find("at_once"); i != x.end()) {
      if (!i->is_number_unsigned() || *i < 1 || *i > 1024)
        throw model_config_error(where + ".at_once",
                                 "expected an integer from 1 to 1024");
      at_once = i->get<std::size_t>();
    }
    known.in_map = true;
    known.has_last = true;
    auto body = read(x["steps"], where + ".steps", std::move(known));
    out.map(std::move(function), std::move(body), at_once);
  }

  void read_parallel(const json& x, const std::string& where,
                     const pipeline_names& known, pipeline_steps& out) {
    allow(x, where, {"parallel"});
    const auto here = where + ".parallel";
    const auto& all = x["parallel"];
    if (!all.is_object() || all.empty())
      throw model_config_error(here, "expected an object: a list of steps for "
                                     "each name");
    std::vector<std::pair<std::string, pipeline_steps>> ways;
    for (const auto& [name, steps] : all.items())
      ways.emplace_back(name, read(steps, place_of(here, name), known));
    out.parallel(std::move(ways));
  }

  std::size_t depth_ = 0;
};

/// The names that can be used after the steps of the top level.
pipeline_names names_after(const pipeline_steps& steps) {
  pipeline_names result;
  result.has_last = true;
  for (const auto& x : steps.all())
    if (!x.name.empty())
      result.steps.push_back(x.name);
  return result;
}

} // namespace

pipeline_steps read_pipeline(const json& options) {
  json steps;
  json output;
  option_reader{options}.read("steps", steps).read("output", output).done();
  if (!options.contains("steps"))
    throw model_config_error("options", "expected \"steps\": what the pipeline "
                                        "does, e.g. [{\"model\": \"NAME\"}]");
  auto result = steps_reader{}.read(steps, "options.steps", {});
  if (options.contains("output"))
    result.make(make_template(output, names_after(result), "options.output"));
  return result;
}

} // namespace troupe
