#ifdef TROUPE_HAS_ONNX

#include "troupe/tests/models/onnx_fixture.hpp"

namespace troupe {

namespace {

// -- rows --------------------------------------------------------------------

/// Finds the places of numbers other than 0: as many rows as there are.
onnx_file detector() {
  onnx_file result;
  result.input("x", onnx_file::float32, {"batch", 3});
  result.output("found", onnx_file::int64, {"num_found", 2});
  result.node("NonZero", {"x"}, "t");
  result.node("Transpose", {"t"}, "found");
  return result;
}

TEST(onnx_model, gives_nobody_the_rows_of_another) {
  saved_model saved{detector()};
  // As many findings as requests, so that counting tells nothing.
  std::vector<recording_ptr> batch{post({{0, 1, 1}}), post({{0, 0, 0}})};
  std::unique_ptr<model> m;
  try {
    m = start(saved.definition(2));
  } catch (const model_config_error&) {
    m = start(saved.definition());
  }
  run(*m, batch);
  EXPECT_EQ(answer_of(batch[0])["outputs"]["found"],
            json::parse("[[0,1],[0,2]]"));
  EXPECT_EQ(answer_of(batch[1])["outputs"]["found"], json::array());
}

TEST(onnx_model, says_along_which_axis_requests_are_stacked) {
  onnx_file file;
  file.input("x", onnx_file::float32, {"seq", 1});
  file.output("y", onnx_file::float32, {"seq", 1});
  file.node("Neg", {"x"}, "y");
  saved_model saved{file};
  std::string logged;
  log_sink log = [&](log_level, std::string_view text) { logged += text; };
  auto m = start(saved.definition(2), log);
  EXPECT_EQ(logged, "digits: requests are stacked along axis 0, \"seq\"");
  logged.clear();
  m = start(saved.definition(2, {{"rows", "independent"}}), log);
  EXPECT_EQ(logged, "digits: requests are stacked along axis 0, as "
                    "options.rows is \"independent\"");
  logged.clear();
  m = start(saved.definition(), log);
  EXPECT_EQ(logged, "");
}

TEST(onnx_model, does_not_compare_axes_without_a_name) {
  onnx_file file;
  file.input("nodes", onnx_file::float32, {"", 2});
  file.input("edges", onnx_file::int64, {"", 2});
  file.output("n2", onnx_file::float32, {"", 2});
  file.output("e2", onnx_file::int64, {"", 2});
  file.node("Identity", {"nodes"}, "n2");
  file.node("Identity", {"edges"}, "e2");
  saved_model saved{file};
  // Alone, and where the config says that rows are independent: there is no
  // common number of rows then.
  auto alone = start(saved.definition());
  auto stacking = start(saved.definition(8, {{"rows", "independent"}}));
  for (auto* m : {alone.get(), stacking.get()}) {
    std::vector<recording_ptr> batch;
    for (int i = 0; i < 2; ++i)
      batch.push_back(
        post({{"nodes", {{1, 2}, {3, 4}, {5, 6}}}, {"edges", {{0, i}}}}));
    batch.push_back(
      post({{"nodes", {{1, 2}}},
            {"edges", {{"shape", {0, 2}}, {"data", json::array()}}}}));
    run(*m, batch);
    EXPECT_EQ(answer_of(batch[0])["outputs"]["n2"].size(), 3U);
    EXPECT_EQ(answer_of(batch[1])["outputs"]["e2"], json::parse("[[0,1]]"));
    EXPECT_EQ(answer_of(batch[2])["outputs"]["e2"], json::array());
  }
}

TEST(onnx_model, takes_requests_without_rows) {
  auto m = start(digits({{"classify", "probs"}}));
  json none{{"shape", {0, 1, 8, 8}}, {"data", json::array()}};
  auto empty = post({{"image", none}});
  auto one = post(json(std::vector<int>(64, 0)));
  run(*m, {empty, one});
  for (const auto& answer :
       {answer_of(empty), answer_to(*m, post({{"image", none}}))}) {
    EXPECT_EQ(answer["outputs"]["probs"], json::array());
    EXPECT_EQ(answer["class"], json::array());
  }
  EXPECT_EQ(answer_of(one)["outputs"]["probs"].size(), 1U);
}

// -- whose fault it is -------------------------------------------------------

TEST(onnx_model, refuses_sizes_that_do_not_belong_together) {
  onnx_file file;
  file.input("ids", onnx_file::int64, {"batch", "sequence"});
  file.input("mask", onnx_file::int64, {"batch", "sequence"});
  file.output("y", onnx_file::int64, {"batch", "sequence"});
  file.node("Add", {"ids", "mask"}, "y");
  saved_model saved{file};
  auto m = start(saved.definition());
  // Broadcast without this.
  EXPECT_EQ(complaint_about(*m, post({{"ids", {{1, 2, 3}}}, {"mask", {{1}}}})),
            "mask: axis 1 \"sequence\" has 1, but axis 1 of ids has 3");
  EXPECT_EQ(complaint_about(*m, post({{"ids", {{1}}}, {"mask", {{1}, {1}}}})),
            "mask: axis 0 \"batch\" has 2, but axis 0 of ids has 1");
}

TEST(onnx_model, answers_422_where_a_node_refuses_its_input) {
  onnx_file file;
  file.input("a", onnx_file::float32, {"", ""});
  file.input("b", onnx_file::float32, {"", ""});
  file.output("y", onnx_file::float32, {"", ""});
  file.node("MatMul", {"a", "b"}, "y");
  saved_model saved{file};
  auto m = start(saved.definition());
  for (int i = 0; i < 2; ++i) {
    auto why = complaint_about(*m, post({{"a", {{1, 2}}}, {"b", {{1}}}}));
    EXPECT_EQ(why.find("the model refuses this input: MatMul"), 0U) << why;
    EXPECT_EQ(answer_to(*m, post({{"a", {{2}}}, {"b", {{3}}}}))["outputs"]["y"],
              json::parse("[[6.0]]"));
  }
}

// AddressSanitizer ends the process where the allocator would say no.
#ifndef __SANITIZE_ADDRESS__
TEST(onnx_model, answers_503_where_memory_is_short) {
  onnx_file file;
  file.input("shape", onnx_file::int64, {"rank"});
  file.output("y", onnx_file::float32, {"", ""});
  file.node("ConstantOfShape", {"shape"}, "y");
  saved_model saved{file};
  auto m = start(saved.definition());
  auto large = post({{"shape", {1L << 30U, 1L << 20U}}});
  run(*m, {large});
  EXPECT_EQ(status_of(large), 503);
  EXPECT_EQ(status_of(large), 503);
}
#endif

// -- numbers -----------------------------------------------------------------

TEST(onnx_model, takes_null_for_a_nan_when_the_config_says_so) {
  onnx_file file;
  file.input("x", onnx_file::float32, {"N"});
  file.output("y", onnx_file::float32, {"N"});
  file.node("Neg", {"x"}, "y");
  saved_model saved{file};
  auto m = start(saved.definition(1, {{"non_finite", "null"}}));
  EXPECT_EQ(answer_to(*m, post({{"x", {1, nullptr}}}))["outputs"]["y"],
            json::parse("[-1.0,null]"));
  m = start(saved.definition());
  EXPECT_EQ(complaint_about(*m, post({{"x", {1, nullptr}}})),
            "x: expected float32 [N], got null at [1]");
}

} // namespace

} // namespace troupe

#endif
