#include "troupe/models/onnx/onnx_rows.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

/// A float32 of these axes: "3" is fixed, "" free without a name.
tensor_spec spec(std::string name, const std::vector<std::string>& axes) {
  tensor_spec result{std::move(name)};
  for (const auto& x : axes) {
    auto fixed = !x.empty() && x.front() >= '0' && x.front() <= '9';
    result.shape.push_back(fixed ? std::stoi(x) : -1);
    result.axes.push_back(fixed ? "" : x);
  }
  return result;
}

tensor_spec optional(tensor_spec x) {
  x.optional = true;
  return x;
}

using specs = std::vector<tensor_spec>;

/// Returns why requests are not stacked, or the axis along which they are.
std::string verdict(const specs& inputs, const specs& outputs,
                    bool said = false) {
  auto x = find_stacking(inputs, {outputs.begin(), outputs.end()}, said);
  if (x.allowed())
    return "stacked along \"" + x.axis + '"';
  std::string result;
  for (const auto& place : x.against)
    result += (result.empty() ? "" : "; ") + place;
  return result + (x.may_be_said ? "" : " (final)");
}

TEST(onnx_rows, are_proven_by_one_name_of_all_first_axes) {
  EXPECT_EQ(
    verdict({spec("a", {"N", "2"}), spec("b", {"N"})}, {spec("y", {"N"})}),
    R"(stacked along "N")");
  EXPECT_EQ(verdict({spec("a", {"N", "len"})}, {spec("y", {"N", "len", "4"})}),
            R"(stacked along "N")");
}

TEST(onnx_rows, are_not_proven_by_other_names) {
  EXPECT_EQ(verdict({spec("a", {"N"}), spec("b", {"M"})}, {spec("y", {"N"})}),
            R"(the first axis of input "b" is "M", not "N")");
  EXPECT_EQ(verdict({spec("a", {"N"})}, {spec("y", {"M"})}),
            R"(the first axis of output "y" is "M", not "N")");
}

TEST(onnx_rows, are_not_proven_by_axes_without_a_name) {
  EXPECT_EQ(verdict({spec("a", {""})}, {spec("y", {""})}),
            R"(the first axis of input "a" has no name; )"
            R"(the first axis of output "y" has no name)");
  EXPECT_EQ(verdict({spec("a", {"N"})}, {spec("y", {""})}),
            R"(the first axis of output "y" has no name)");
}

TEST(onnx_rows, are_not_there_with_a_fixed_first_axis_or_a_scalar) {
  for (auto said : {false, true}) {
    EXPECT_EQ(verdict({spec("a", {"1", "2"})}, {spec("y", {"N"})}, said),
              R"(the first axis of input "a" is fixed (1) (final))");
    EXPECT_EQ(
      verdict({spec("a", {"N"}), spec("b", {})}, {spec("y", {"N"})}, said),
      R"(input "b" is a scalar (final))");
    EXPECT_EQ(verdict({spec("a", {"N"})}, {spec("y", {})}, said),
              R"(output "y" is a scalar (final))");
    EXPECT_EQ(verdict({}, {spec("y", {"N"})}, said),
              "it has no inputs that a request must give (final)");
  }
}

TEST(onnx_rows, depend_on_each_other_when_another_axis_has_their_name) {
  for (auto said : {false, true})
    EXPECT_EQ(verdict({spec("a", {"N", "2"})}, {spec("y", {"N", "N"})}, said),
              R"(axis 1 of output "y" is "N", as the first one is (final))");
}

TEST(onnx_rows, may_depend_on_each_other_when_a_size_comes_of_no_input) {
  EXPECT_EQ(
    verdict({spec("a", {"N", "2"})}, {spec("y", {"N", "found"})}),
    R"(axis 1 of output "y" is "found", which is not an axis of an input)");
  EXPECT_EQ(verdict({spec("a", {"N", "2"})}, {spec("y", {"N", ""})}),
            R"(axis 1 of output "y" has no name)");
}

TEST(onnx_rows, are_what_the_config_says) {
  EXPECT_EQ(verdict({spec("a", {"", "2"})}, {spec("y", {"M", ""})}, true),
            R"(stacked along "")");
}

TEST(onnx_rows, of_optional_inputs_count_only_when_they_are_given) {
  specs inputs{spec("a", {"N"}), optional(spec("bias", {"1"})),
               optional(spec("mask", {"N"}))};
  auto x = find_stacking(inputs, {spec("y", {"N"})}, false);
  EXPECT_TRUE(x.allowed());
  EXPECT_EQ(x.rowless, std::vector<std::string>{"bias"});
}

TEST(onnx_rows, of_an_output_that_is_not_a_tensor_are_not_proven) {
  onnx_output maps{"probs", "sequence(map(int64,tensor(float)))"};
  auto x = find_stacking({spec("a", {"N"})}, {maps}, false);
  ASSERT_EQ(x.against.size(), 1U);
  EXPECT_EQ(x.against[0],
            "output \"probs\" is a sequence(map(int64,tensor(float))), which "
            "has no axes with names");
  EXPECT_TRUE(find_stacking({spec("a", {"N"})}, {maps}, true).allowed());
}

TEST(onnx_rows, name_a_few_of_many_places) {
  specs inputs;
  for (int i = 0; i < 9; ++i)
    inputs.push_back(spec("x" + std::to_string(i), {""}));
  auto text = find_stacking(inputs, {spec("y", {"N"})}, false).explain();
  EXPECT_NE(text.find("\"x4\" has no name; and 4 more. Set"), std::string::npos)
    << text;
}

} // namespace

} // namespace troupe
