#include "troupe/models/pipeline/pipeline_condition.hpp"

#include "troupe/models/registry.hpp"
#include "troupe/specs/input/nearest.hpp"
#include "troupe/specs/json/json.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace troupe {

namespace {

using nlohmann::json;

const std::vector<std::string> operators{
  "equals", "in", "above", "at_least", "below", "at_most", "exists"};

bool holds(const std::string& op, const json& value, const json& operand) {
  if (op == "equals")
    return value == operand;
  if (op == "in")
    return std::find(operand.begin(), operand.end(), value) != operand.end();
  if (!value.is_number())
    return false;
  const auto x = value.get<double>();
  const auto y = operand.get<double>();
  if (op == "above")
    return x > y;
  if (op == "at_least")
    return x >= y;
  return op == "below" ? x < y : x <= y;
}

void check_operand(const std::string& op, const json& operand,
                   const std::string& where) {
  const char* wanted = nullptr;
  if (op == "in")
    wanted = operand.is_array() ? nullptr : "a list";
  else if (op == "exists")
    wanted = operand.is_boolean() ? nullptr : "true or false";
  else if (op != "equals")
    wanted = operand.is_number() ? nullptr : "a number";
  if (wanted != nullptr)
    throw model_config_error(place_of(where, op),
                             std::string{"expected "} + wanted + ", got "
                               + std::string{type_name(operand)});
}

} // namespace

std::function<bool(const pipeline_scope&)>
make_condition(const json& text, const pipeline_names& known,
               const std::string& where) {
  constexpr const char* example =
    R"(e.g. {"value": "$last/score", "at_least": 0.5})";
  if (!text.is_object())
    throw model_config_error(where,
                             std::string{"expected an object, "} + example);
  auto value = text.find("value");
  if (value == text.end() || !value->is_string()
      || !pipeline_reference::is_one(value->get_ref<const std::string&>()))
    throw model_config_error(
      where, std::string{"expected a reference in \"value\", "} + example);
  auto reference = pipeline_reference::parse(
    value->get_ref<const std::string&>(), known, where + ".value");
  std::string op;
  for (const auto& [key, operand] : text.items()) {
    if (key == "value")
      continue;
    if (std::find(operators.begin(), operators.end(), key) == operators.end())
      throw model_config_error(place_of(where, key),
                               unknown_name("condition", key, operators));
    if (!op.empty())
      throw model_config_error(place_of(where, key),
                               "one condition is enough, and there is \"" + op
                                 + "\"; nest another \"if\" for more");
    check_operand(key, operand, where);
    op = key;
  }
  if (op.empty())
    throw model_config_error(where, "expected one of " + quoted_list(operators)
                                      + " beside \"value\"");
  return [reference = std::move(reference), op,
          operand = text[op]](const pipeline_scope& scope) {
    auto found = false;
    const auto x = reference.read_or_null(scope, found);
    if (op == "exists")
      return found == operand.get<bool>();
    return found && holds(op, x, operand);
  };
}

} // namespace troupe
