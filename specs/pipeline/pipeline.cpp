#include "troupe/specs/pipeline/pipeline.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe {

namespace {

using name_list = std::vector<std::string>;

void collect_models(const pipeline_steps& steps, name_list& out) {
  for (const auto& x : steps.all()) {
    if (x.kind == step_kind::call
        && std::find(out.begin(), out.end(), x.model) == out.end())
      out.push_back(x.model);
    for (const auto& way : x.ways)
      collect_models(way.steps, out);
  }
}

/// @param known the names that can be seen from here
void check_steps(const pipeline_steps& steps, name_list known) {
  for (const auto& x : steps.all()) {
    if (x.kind == step_kind::call && x.model.empty())
      throw std::invalid_argument("a step calls a model without a name");
    if (x.at_once == 0)
      throw std::invalid_argument("a map does at least one at once");
    for (const auto& way : x.ways)
      check_steps(way.steps, known);
    if (x.name.empty())
      continue;
    if (std::find(known.begin(), known.end(), x.name) != known.end())
      throw std::invalid_argument("two steps are called \"" + x.name
                                  + "\"; give one of them another name");
    known.push_back(x.name);
  }
}

pipeline_step make_step(step_kind kind) {
  pipeline_step result;
  result.kind = kind;
  return result;
}

} // namespace

// -- pipeline_steps -----------------------------------------------------------

pipeline_steps& pipeline_steps::call(std::string model,
                                     pipeline_function input) {
  auto x = make_step(step_kind::call);
  x.model = std::move(model);
  x.input = std::move(input);
  steps_.push_back(std::move(x));
  return *this;
}

pipeline_steps& pipeline_steps::make(pipeline_function value) {
  auto x = make_step(step_kind::make);
  x.input = std::move(value);
  steps_.push_back(std::move(x));
  return *this;
}

pipeline_steps&
pipeline_steps::branch(std::function<bool(const pipeline_scope&)> condition,
                       pipeline_steps then, pipeline_steps otherwise) {
  auto x = make_step(step_kind::branch);
  x.condition = std::move(condition);
  x.ways.push_back({"then", std::move(then)});
  x.ways.push_back({"else", std::move(otherwise)});
  steps_.push_back(std::move(x));
  return *this;
}

pipeline_steps& pipeline_steps::map(pipeline_function list, pipeline_steps body,
                                    std::size_t at_once) {
  auto x = make_step(step_kind::map);
  x.input = std::move(list);
  x.ways.push_back({"steps", std::move(body)});
  x.at_once = at_once;
  steps_.push_back(std::move(x));
  return *this;
}

pipeline_steps& pipeline_steps::parallel(
  std::vector<std::pair<std::string, pipeline_steps>> ways) {
  auto x = make_step(step_kind::parallel);
  for (auto& [name, steps] : ways)
    x.ways.push_back({std::move(name), std::move(steps)});
  steps_.push_back(std::move(x));
  return *this;
}

pipeline_steps& pipeline_steps::named(std::string name) {
  steps_.back().name = std::move(name);
  return *this;
}

pipeline_steps& pipeline_steps::recover(
  std::function<std::optional<pipeline_value>(const failure&)> f) {
  steps_.back().recover = std::move(f);
  return *this;
}

// -- pipeline -----------------------------------------------------------------

std::string_view pipeline_step::label() const noexcept {
  if (!name.empty())
    return name;
  switch (kind) {
    case step_kind::call:
      return model;
    case step_kind::make:
      return "value";
    case step_kind::branch:
      return "if";
    case step_kind::map:
      return "map";
    case step_kind::parallel:
      return "parallel";
  }
  return "step";
}

std::vector<std::string> pipeline::models() const {
  name_list result;
  collect_models(steps, result);
  return result;
}

const pipeline_step* pipeline::last_call() const noexcept {
  const auto& all = steps.all();
  if (all.empty() || all.back().kind != step_kind::call)
    return nullptr;
  return &all.back();
}

model_definition make_pipeline(model_options options, pipeline_steps steps) {
  if (steps.all().empty())
    throw std::invalid_argument("a pipeline needs at least one step");
  check_steps(steps, {});
  model_definition result;
  result.options = std::move(options);
  auto made = std::make_shared<pipeline>();
  made->steps = std::move(steps);
  result.metadata = {{"pipeline", made->models()}};
  result.pipeline = std::move(made);
  return result;
}

} // namespace troupe
