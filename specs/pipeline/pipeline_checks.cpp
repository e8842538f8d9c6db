#include "troupe/specs/pipeline/pipeline_checks.hpp"

#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/pipeline/pipeline.hpp"

#include <algorithm>
#include <string_view>

namespace troupe {

namespace {

using definitions = std::vector<const model_definition*>;

const model_definition* find_in(const definitions& models,
                                std::string_view name) {
  for (const auto* x : models)
    if (x->options.name == name)
      return x;
  return nullptr;
}

/// Where the steps of a way stand in the config.
std::string place_of(const pipeline_step& x, std::size_t way) {
  if (x.kind == step_kind::parallel)
    return "parallel." + x.ways[way].name;
  return x.ways[way].name;
}

class pipeline_checker {
public:
  explicit pipeline_checker(const definitions& models) : models_(&models) {
    // nop
  }

  void check(const model_definition& x) {
    self_ = &x;
    final_ = x.pipeline->last_call();
    check_steps_of(x.pipeline->steps, "steps");
    std::vector<std::string> way{x.options.name};
    find_circle(x, way);
  }

  std::vector<pipeline_fault> faults;

private:
  void report(std::string where, std::string what) {
    faults.push_back({self_->options.name, std::move(where), std::move(what)});
  }

  void check_steps_of(const pipeline_steps& steps, const std::string& where) {
    for (std::size_t i = 0; i < steps.all().size(); ++i) {
      const auto& x = steps.all()[i];
      auto here = where;
      here.append(1, '.').append(std::to_string(i));
      if (x.kind == step_kind::call)
        check_call(x, here);
      for (std::size_t w = 0; w < x.ways.size(); ++w) {
        auto inner = here;
        inner.append(1, '.').append(place_of(x, w));
        check_steps_of(x.ways[w].steps, inner);
      }
    }
  }

  void check_call(const pipeline_step& x, const std::string& here) {
    const auto* target = find_in(*models_, x.model);
    auto where = here;
    where.append(".model");
    if (target == nullptr) {
      std::vector<std::string> names;
      for (const auto* m : *models_)
        if (m != self_)
          names.push_back(m->options.name);
      report(where, unknown_name("model", x.model, names));
      return;
    }
    if (target->options.access > self_->options.access) {
      std::string text{"the model's access is \""};
      text.append(to_string(target->options.access))
        .append("\", that of this pipeline is \"")
        .append(to_string(self_->options.access))
        .append("\"; set the pipeline's access to \"")
        .append(to_string(target->options.access))
        .append("\"");
      report(where, std::move(text));
    }
    if (&x != final_ && target != self_ && always_streams(*target, *models_)) {
      std::string text{"the model \""};
      text.append(x.model).append(
        "\" yields a stream, which only the last step of a pipeline may do: "
        "make it the last step, or use a model that answers as a whole");
      report(where, std::move(text));
    }
  }

  /// Looks for a way from `x` back to the pipeline that is checked.
  void find_circle(const model_definition& x, std::vector<std::string>& way) {
    for (const auto& name : x.pipeline->models()) {
      if (name == self_->options.name) {
        auto text = std::string{"the pipeline asks itself: "};
        for (const auto& step : way)
          text.append(step).append(" -> ");
        report({}, text.append(name).append("; take one of these steps out"));
        continue;
      }
      const auto* target = find_in(*models_, name);
      if (target == nullptr || target->pipeline == nullptr
          || std::find(way.begin(), way.end(), name) != way.end())
        continue;
      way.push_back(name);
      find_circle(*target, way);
      way.pop_back();
    }
  }

  const definitions* models_;
  const model_definition* self_ = nullptr;
  const pipeline_step* final_ = nullptr;
};

bool always_streams_at(const model_definition& x, const definitions& models,
                       std::size_t depth) {
  if (x.pipeline == nullptr)
    return x.streaming && !x.whole_answers;
  const auto* last = x.pipeline->last_call();
  // A circle is another fault.
  if (last == nullptr || depth > models.size())
    return false;
  const auto* target = find_in(models, last->model);
  return target != nullptr && always_streams_at(*target, models, depth + 1);
}

} // namespace

std::vector<pipeline_fault> check_pipelines(const definitions& models) {
  pipeline_checker checker{models};
  for (const auto* x : models)
    if (x->pipeline != nullptr)
      checker.check(*x);
  return std::move(checker.faults);
}

bool always_streams(const model_definition& x, const definitions& models) {
  return always_streams_at(x, models, 0);
}

} // namespace troupe
