#include "troupe/models/onnx/onnx_rows.hpp"

#include <algorithm>
#include <string_view>

namespace troupe {

namespace {

/// Enough to see what it is about.
constexpr std::size_t max_places = 5;

std::string in_quotes(std::string_view x) {
  return '"' + std::string{x} + '"';
}

class row_finder {
public:
  row_finder(const std::vector<tensor_spec>& inputs,
             const std::vector<onnx_output>& outputs, bool said)
    : inputs_(inputs), outputs_(outputs), said_(said) {
    // nop
  }

  onnx_stacking find() {
    auto first = std::find_if(inputs_.begin(), inputs_.end(),
                              [](const auto& x) { return !x.optional; });
    if (first == inputs_.end()) {
      result_.against.emplace_back("it has no inputs that a request must give");
      result_.may_be_said = false;
      return std::move(result_);
    }
    axis_ = first->axis_name(0);
    for (const auto& x : inputs_)
      if (!x.optional)
        look("input ", x);
      else if (!stacks(x))
        result_.rowless.push_back(x.name);
    for (const auto& x : outputs_)
      if (x.other.empty()) {
        look("output ", x.spec);
        look_at_sizes(x.spec);
      } else if (!said_) {
        refuse("output " + in_quotes(x.spec.name) + " is a " + x.other
               + ", which has no axes with names");
      }
    if (!said_)
      result_.axis = axis_;
    return std::move(result_);
  }

private:
  void refuse(std::string why, bool final = false) {
    result_.against.push_back(std::move(why));
    if (final)
      result_.may_be_said = false;
  }

  [[nodiscard]] bool stacks(const tensor_spec& x) const {
    return x.has_rows()
           && (said_ || (!axis_.empty() && x.axis_name(0) == axis_))
           && !repeats(x);
  }

  /// Returns the other axis that has the name of the first axes, or 0.
  [[nodiscard]] std::size_t repeats(const tensor_spec& x) const {
    for (std::size_t i = 1; i < x.shape.size(); ++i)
      if (!axis_.empty() && x.axis_name(i) == axis_)
        return i;
    return 0;
  }

  void look(const char* kind, const tensor_spec& x) {
    auto here = kind + in_quotes(x.name);
    if (x.shape.empty())
      refuse(here + " is a scalar", true);
    else if (!x.has_rows())
      refuse("the first axis of " + here + " is fixed ("
               + std::to_string(x.shape.front()) + ')',
             true);
    else if (auto i = repeats(x))
      refuse("axis " + std::to_string(i) + " of " + here + " is "
               + in_quotes(axis_) + ", as the first one is",
             true);
    else if (said_)
      return;
    else if (x.axis_name(0).empty())
      refuse("the first axis of " + here + " has no name");
    else if (x.axis_name(0) != axis_ && !axis_.empty())
      refuse("the first axis of " + here + " is " + in_quotes(x.axis_name(0))
             + ", not " + in_quotes(axis_));
  }

  /// An output's other axes must not depend on who else is in the run.
  void look_at_sizes(const tensor_spec& x) {
    for (std::size_t i = 1; i < x.shape.size() && !said_; ++i)
      if (auto name = x.axis_name(i); x.shape[i] < 0 && name != axis_)
        if (name.empty() || !is_of_an_input(name))
          refuse("axis " + std::to_string(i) + " of output " + in_quotes(x.name)
                 + (name.empty() ? " has no name"
                                 : " is " + in_quotes(name)
                                     + ", which is not an axis of an input"));
  }

  [[nodiscard]] bool is_of_an_input(std::string_view name) const {
    return std::any_of(inputs_.begin(), inputs_.end(), [&](const auto& x) {
      return !x.optional
             && std::find(x.axes.begin(), x.axes.end(), name) != x.axes.end();
    });
  }

  const std::vector<tensor_spec>& inputs_;
  const std::vector<onnx_output>& outputs_;
  bool said_;
  std::string_view axis_ = {};
  onnx_stacking result_ = {};
};

} // namespace

std::string onnx_stacking::explain() const {
  std::string result{"requests cannot share a run of this model: "};
  for (std::size_t i = 0; i < against.size() && i < max_places; ++i) {
    if (i > 0)
      result += "; ";
    result += against[i];
  }
  if (against.size() > max_places)
    result += "; and " + std::to_string(against.size() - max_places) + " more";
  result += ". Set batch.max_size to 1";
  if (may_be_said)
    result +=
      R"(, or options.rows to "independent" if each row of the outputs )"
      "depends on the same row of the inputs alone";
  return result;
}

onnx_stacking find_stacking(const std::vector<tensor_spec>& inputs,
                            const std::vector<onnx_output>& outputs,
                            bool said) {
  return row_finder{inputs, outputs, said}.find();
}

} // namespace troupe
