#ifdef TROUPE_HAS_ONNX

#include "troupe/models/onnx/onnx_session.hpp"
#include "troupe/tests/models/onnx_fixture.hpp"

namespace troupe {

namespace {

/// A model that gives `x` back, of a type.
onnx_file identity(int type, const std::vector<onnx_file::axis>& shape) {
  onnx_file result;
  result.input("x", type, shape);
  result.output("y", type, shape);
  result.node("Identity", {"x"}, "y");
  return result;
}

/// A model whose only output is `text`, of strings; and `y`, of numbers.
onnx_file two_outputs() {
  onnx_file result;
  result.input("x", onnx_file::float32, {"N"});
  result.output("y", onnx_file::float32, {"N"});
  result.output("text", onnx_file::string, {"N"});
  result.node("Identity", {"x"}, "y");
  result.node("Cast", {"x"}, "text", onnx_file::string, "to");
  return result;
}

json outputs_of(const model_definition& definition, json inputs) {
  auto m = start(definition);
  return answer_to(*m, post(std::move(inputs)))["outputs"];
}

TEST(onnx_session, serves_floats_of_16_bits) {
  for (auto type : {onnx_file::float16, onnx_file::bfloat16}) {
    saved_model saved{identity(type, {"N", "D"})};
    EXPECT_EQ(outputs_of(saved.definition(), {{"x", {{0.1, -2, 0}}}}),
              json::parse(R"({"y": [[0.1,-2.0,0.0]]})"))
      << type;
  }
}

TEST(onnx_session, serves_strings) {
  saved_model saved{identity(onnx_file::string, {"N", "D"})};
  json texts{{"a", "", std::string("b\0c", 3)}, {"na\u00efve", "x", "y"}};
  EXPECT_EQ(outputs_of(saved.definition(), {{"x", texts}})["y"], texts);
  auto m = start(saved.definition());
  EXPECT_EQ(complaint_about(*m, post({{"x", {{1}}}})),
            "x: expected string [N,D], got number 1 at [0][0]");
}

TEST(onnx_session, stacks_strings_as_other_elements) {
  saved_model saved{identity(onnx_file::string, {"N", 2})};
  auto m = start(saved.definition(8));
  std::vector<recording_ptr> batch{
    post(json::parse(R"({"x": [["a","b"]]})")),
    post(json::parse(R"({"x": [["c","d"],["e","f"]]})"))};
  run(*m, batch);
  for (const auto& x : batch)
    EXPECT_EQ(answer_of(x)["outputs"]["y"], (*x->request.document)["x"]);
}

TEST(onnx_session, serves_each_output) {
  auto outputs =
    outputs_of(saved_model{two_outputs()}.definition(), {{"x", {1.5, 2}}});
  EXPECT_EQ(outputs["y"], json::parse("[1.5,2.0]"));
  EXPECT_EQ(outputs["text"].size(), 2U);
  EXPECT_TRUE(outputs["text"][0].is_string());
}

TEST(onnx_session, computes_only_the_outputs_that_are_chosen) {
  saved_model saved{two_outputs()};
  EXPECT_EQ(outputs_of(saved.definition(1, {{"outputs", {"y"}}}), {{"x", {1}}}),
            json::parse(R"({"y": [1.0]})"));
}

onnx_file classifier() {
  onnx_file result;
  result.input("x", onnx_file::float32, {"N", 2});
  result.output_of_maps("probs");
  result.zip_map("x", "probs", {7, 9});
  return result;
}

TEST(onnx_session, serves_the_maps_that_classifiers_give) {
  saved_model saved{classifier()};
  EXPECT_EQ(outputs_of(saved.definition(), {{"x", {{0.25, 0.75}, {1, 0}}}}),
            json::parse(R"({"probs": [{"7": 0.25, "9": 0.75},
                                      {"7": 1.0, "9": 0.0}]})"));
}

TEST(onnx_session, gives_each_request_its_maps_where_rows_are_independent) {
  saved_model saved{classifier()};
  EXPECT_EQ(saved.refusal(8).first, "batch.max_size");
  auto m = start(saved.definition(8, {{"rows", "independent"}}));
  auto a = post({{"x", {{0.25, 0.75}}}});
  auto b = post({{"x", {{1, 0}, {0, 1}}}});
  run(*m, {a, b});
  EXPECT_EQ(answer_of(a)["outputs"]["probs"],
            json::parse(R"([{"7": 0.25, "9": 0.75}])"));
  EXPECT_EQ(answer_of(b)["outputs"]["probs"].size(), 2U);
  EXPECT_EQ(answer_of(b)["outputs"]["probs"][1]["9"], 1.0);
}

TEST(onnx_session, names_a_type_that_it_does_not_serve) {
  onnx_file file;
  file.input_of_tensors("x");
  file.output("n", onnx_file::int64, {});
  file.node("SequenceLength", {"x"}, "n");
  saved_model saved{file};
  auto why = message_of([&] { start(saved.definition()); });
  EXPECT_NE(
    why.find("the input \"x\" is a sequence(tensor(float)), which no request "
             "can give"),
    std::string::npos)
    << why;
}

TEST(onnx_session, takes_inputs_that_have_a_value_already) {
  onnx_file file;
  file.input("x", onnx_file::float32, {"N"});
  file.input("bias", onnx_file::float32, {1});
  file.fallback("bias", {10});
  file.output("y", onnx_file::float32, {"N"});
  file.node("Add", {"x", "bias"}, "y");
  saved_model saved{file};
  auto m = start(saved.definition(8));
  std::vector<recording_ptr> batch{post({{"x", {1, 2}}}),
                                   post({{"x", {1}}, {"bias", {100}}}),
                                   post({{"x", {3}}}), post(json{4})};
  run(*m, batch);
  EXPECT_EQ(answer_of(batch[0])["outputs"]["y"], json::parse("[11.0,12.0]"));
  EXPECT_EQ(answer_of(batch[1])["outputs"]["y"], json::parse("[101.0]"));
  EXPECT_EQ(answer_of(batch[2])["outputs"]["y"], json::parse("[13.0]"));
  EXPECT_EQ(answer_of(batch[3])["outputs"]["y"], json::parse("[14.0]"));
  EXPECT_EQ(complaint_about(*m, post({{"bias", {1}}})), "Field required");
}

} // namespace

} // namespace troupe

#endif
