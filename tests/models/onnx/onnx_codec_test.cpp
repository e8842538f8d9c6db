#include "troupe/models/onnx/onnx_codec.hpp"
#include "troupe/models/tensor/tensor_json.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/tests/support/png.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <stdexcept>

namespace troupe {

namespace {

using nlohmann::json;

tensor_spec make_spec(std::string name, tensor_shape shape,
                      element_type type = element_type::float32) {
  return {std::move(name), type, std::move(shape), {}};
}

onnx_codec image_codec(onnx_codec_options options = {},
                       std::int64_t channels = 1) {
  return {{make_spec("image", {-1, channels, 2, 2})},
          {make_spec("probs", {-1, 3})},
          std::move(options)};
}

onnx_codec two_inputs() {
  return {{make_spec("a", {-1, 2}), make_spec("b", {-1}, element_type::int64)},
          {make_spec("y", {-1})},
          {}};
}

request posted(std::string body, std::string_view type = "application/json") {
  request result;
  result.body = std::move(body);
  if (!type.empty())
    result.headers.add("Content-Type", type);
  return result;
}

failure refusal(const onnx_codec& codec, const request& x) {
  try {
    (void)codec.decode(x);
  } catch (...) {
    std::string log_text;
    return failure_from_current_exception(log_text);
  }
  ADD_FAILURE() << "expected a refusal";
  return {};
}

/// The message and the location, e.g. `Field required @ ["body","a"]`.
std::string complaint(const onnx_codec& codec, const request& x) {
  auto why = refusal(codec, x);
  EXPECT_EQ(why.effective_status(), 422);
  const auto& first = why.detail.at(0);
  return first.at("msg").get<std::string>() + " @ " + first.at("loc").dump();
}

std::string decoded(const onnx_codec& codec, const request& x) {
  json result = json::object();
  for (const auto& t : codec.decode(x))
    result[t.name] = write_tensor(t);
  return dump_json(result);
}

// -- requests ----------------------------------------------------------------

TEST(onnx_request, may_be_a_bare_array_for_one_input) {
  auto codec = image_codec();
  const auto* expected = R"({"image":[[[[1,2],[3,4]]]]})";
  EXPECT_EQ(json::parse(decoded(codec, posted("[1,2,3,4]"))),
            json::parse(expected));
  EXPECT_EQ(json::parse(decoded(codec, posted("[[[[1,2],[3,4]]]]"))),
            json::parse(expected));
}

TEST(onnx_request, may_name_its_inputs_with_and_without_a_wrapper) {
  auto codec = two_inputs();
  auto expected = json::parse(R"({"a":[[1,2]],"b":[3]})");
  for (const auto* body :
       {R"({"a":[[1,2]],"b":[3]})", R"({"inputs":{"a":[[1,2]],"b":[3]}})",
        R"({"a":{"shape":[1,2],"data":[1,2]},"b":[3]})"})
    EXPECT_EQ(json::parse(decoded(codec, posted(body))), expected) << body;
}

TEST(onnx_request, may_name_an_input_that_is_called_inputs) {
  onnx_codec codec{{make_spec("inputs", {-1, 2})}, {make_spec("y", {-1})}, {}};
  EXPECT_EQ(codec.decode(posted(R"({"inputs":[1,2]})")).size(), 1U);
}

TEST(onnx_request, may_come_as_a_document) {
  request x;
  x.document = std::make_shared<const json>(json::parse("[1,2,3,4]"));
  EXPECT_EQ(image_codec().decode(x).size(), 1U);
}

TEST(onnx_request, is_read_as_json_whatever_text_type_it_claims) {
  for (auto type : {"", "text/plain", "application/x-www-form-urlencoded"})
    EXPECT_EQ(image_codec().decode(posted("[1,2,3,4]", type)).size(), 1U);
}

TEST(onnx_request, is_400_when_it_is_not_json) {
  EXPECT_EQ(refusal(image_codec(), posted("{")).effective_status(), 400);
  EXPECT_EQ(refusal(image_codec(), posted("")).effective_status(), 400);
}

TEST(onnx_request, is_415_when_it_is_some_other_binary) {
  auto codec = image_codec();
  auto why = refusal(codec, posted("abc", "application/octet-stream"));
  EXPECT_EQ(why.effective_status(), 415);
  EXPECT_EQ(why.detail, "send image/png or JSON");
  for (auto type : {"image/jpeg", "application/xml", "multipart/form-data",
                    "application/x-www-form-urlencoded"})
    EXPECT_EQ(refusal(codec, posted("abc", type)).effective_status(), 415)
      << type;
}

TEST(onnx_request, names_unknown_and_missing_inputs) {
  auto codec = two_inputs();
  EXPECT_EQ(complaint(codec, posted(R"({"a":[1,2],"c":[3]})")),
            "unknown input \"c\"; expected the inputs a, b @ [\"body\"]");
  EXPECT_EQ(complaint(codec, posted(R"({"inputs":{"d":1}})")),
            "unknown input \"d\"; expected the inputs a, b "
            "@ [\"body\",\"inputs\"]");
  EXPECT_EQ(complaint(codec, posted(R"({"a":[1,2]})")),
            "Field required @ [\"body\",\"b\"]");
  EXPECT_EQ(complaint(codec, posted(R"({"inputs":{"a":[1,2]}})")),
            "Field required @ [\"body\",\"inputs\",\"b\"]");
}

TEST(onnx_request, is_refused_in_other_forms) {
  auto codec = two_inputs();
  EXPECT_EQ(complaint(codec, posted("[1,2]")),
            "expected an object with the inputs a, b, got array @ [\"body\"]");
  EXPECT_EQ(complaint(codec, posted("7")),
            "expected an object with the inputs a, b, got number @ [\"body\"]");
  EXPECT_EQ(complaint(codec, posted(R"({"inputs":[1]})")),
            "expected object, got array @ [\"body\",\"inputs\"]");
  EXPECT_EQ(complaint(codec, posted(R"({"inputs":{},"a":[1,2]})")),
            "expected no other key beside \"inputs\" @ [\"body\",\"inputs\"]");
  EXPECT_EQ(
    complaint(codec, posted(R"({"inputs":{"inputs":{"a":[1,2],"b":[3]}}})")),
    "unknown input \"inputs\"; expected the inputs a, b "
    "@ [\"body\",\"inputs\"]");
}

TEST(onnx_request, takes_the_last_of_a_name_that_comes_again) {
  EXPECT_EQ(json::parse(decoded(two_inputs(),
                                posted(R"({"a":[0,0],"b":[3],"a":[1,2]})"))),
            json::parse(R"({"a":[[1,2]],"b":[3]})"));
}

TEST(onnx_request, says_where_a_tensor_is_wrong) {
  EXPECT_EQ(complaint(two_inputs(), posted(R"({"a":[1,2],"b":["x"]})")),
            "b: expected int64 [?], got string at [0] @ [\"body\",\"b\"]");
}

TEST(onnx_request, has_one_size_for_each_name_of_an_axis) {
  auto named = [](std::string name, std::vector<std::string> axes) {
    auto result = make_spec(std::move(name), tensor_shape(axes.size(), -1));
    result.axes = std::move(axes);
    return result;
  };
  onnx_codec codec{{named("a", {"N", "D"}), named("b", {"D", ""})},
                   {make_spec("y", {-1})},
                   {}};
  EXPECT_EQ(complaint(codec, posted(R"({"a":[[1,2]],"b":[[1]]})")),
            "b: axis 0 \"D\" has 1, but axis 1 of a has 2 @ [\"body\",\"b\"]");
  EXPECT_EQ(
    codec.decode(posted(R"({"a":[[1,2]],"b":[[1,2,3],[4,5,6]]})")).size(), 2U);
  onnx_codec square{{named("a", {"N", "N"})}, {make_spec("y", {-1})}, {}};
  EXPECT_EQ(complaint(square, posted("[[1,2]]")),
            "a: axis 1 \"N\" has 2, but axis 0 of a has 1 @ [\"body\"]");
}

TEST(onnx_request, may_leave_out_what_is_optional) {
  auto bias = make_spec("bias", {1});
  bias.optional = true;
  onnx_codec codec{{make_spec("a", {-1}), bias}, {make_spec("y", {-1})}, {}};
  EXPECT_EQ(decoded(codec, posted("[1]")), R"({"a":[1.0]})");
  EXPECT_EQ(decoded(codec, posted(R"({"a":[1],"bias":[2]})")),
            R"({"a":[1.0],"bias":[2.0]})");
  EXPECT_EQ(complaint(codec, posted(R"({"bias":[2]})")),
            "Field required @ [\"body\",\"a\"]");
}

TEST(onnx_request, is_not_repeated_at_length) {
  auto why = complaint(two_inputs(),
                       posted("{\"" + std::string(100'000, 'x') + "\":1}"));
  EXPECT_LT(why.size(), 300U);
}

// -- images ------------------------------------------------------------------

TEST(onnx_image_request, is_known_by_type_or_by_signature) {
  auto codec = image_codec({.image_scale = 1});
  auto body = png_writer(2, 2).write({"\x00\x10\x20\xff", 4});
  for (auto type : {"image/png", "Image/PNG; x=y", "", "text/plain"})
    EXPECT_EQ(json::parse(decoded(codec, posted(body, type))),
              json::parse(R"({"image":[[[[0,16],[32,255]]]]})"));
}

TEST(onnx_image_request, is_scaled_to_the_unit_range) {
  auto codec = image_codec();
  auto body = png_writer(2, 2).write({"\x00\x33\x66\xff", 4});
  EXPECT_EQ(json::parse(decoded(codec, posted(body))),
            json::parse(R"({"image":[[[[0.0,0.2],[0.4,1.0]]]]})"));
}

TEST(onnx_image_request, may_have_three_channels) {
  auto codec = image_codec({.image_scale = 1}, 3);
  auto body = png_writer(2, 2, 2).write("abcdefghijkl");
  EXPECT_EQ(json::parse(decoded(codec, posted(body))),
            json::parse(R"({"image":[[[[97,100],[103,106]],
                        [[98,101],[104,107]],[[99,102],[105,108]]]]})"));
}

TEST(onnx_image_request, is_422_when_the_size_is_wrong) {
  EXPECT_EQ(complaint(image_codec(), posted(png_writer(3, 2).write("abcdef"))),
            "image: expected an image of 2x2 pixels, got 3x2 @ [\"body\"]");
}

TEST(onnx_image_request, is_400_when_it_is_broken) {
  auto why = refusal(image_codec(), posted("hello", "image/png"));
  EXPECT_EQ(why.effective_status(), 400);
  EXPECT_EQ(why.detail, "not a PNG image: the signature is missing");
}

TEST(onnx_image_request, may_have_any_size_where_the_model_says_so) {
  onnx_codec codec{{make_spec("x", {1, 1, -1, -1})}, {make_spec("y", {1})}, {}};
  auto x = codec.decode(posted(png_writer(3, 2).write("abcdef")));
  EXPECT_EQ(x.front().shape, (tensor_shape{1, 1, 2, 3}));
}

TEST(onnx_image_request, is_415_for_models_that_take_no_images) {
  auto body = png_writer(2, 2).write("abcd");
  EXPECT_EQ(refusal(two_inputs(), posted(body, "image/png")).effective_status(),
            415);
  EXPECT_EQ(refusal(image_codec({}, 4), posted(body)).effective_status(), 415);
}

// -- answers -----------------------------------------------------------------

tensor probs(const char* text) {
  return read_tensor(json::parse(text), make_spec("probs", {-1, 3}));
}

TEST(onnx_answer, has_every_output_by_name) {
  EXPECT_EQ(dump_json(image_codec().encode({probs("[[0.5,0.25,0.25]]")}, 1)),
            R"({"outputs":{"probs":[[0.5,0.25,0.25]]}})");
}

TEST(onnx_answer, classifies_one_row_with_scalars) {
  auto codec = image_codec({.classify = "probs", .labels = {"x", "y", "z"}});
  auto answer = codec.encode({probs("[[0.25,0.5,0.25]]")}, 1);
  EXPECT_EQ(answer["class"], 1);
  EXPECT_EQ(answer["score"], 0.5);
  EXPECT_EQ(answer["label"], "y");
}

TEST(onnx_answer, classifies_several_rows_with_lists) {
  auto codec = image_codec({.classify = "probs", .labels = {"x", "y", "z"}});
  auto answer =
    codec.encode({probs("[[0.25,0.5,0.25],[0.125,0.125,0.75]]")}, 2);
  EXPECT_EQ(answer["class"], json::parse("[1,2]"));
  EXPECT_EQ(answer["score"], json::parse("[0.5,0.75]"));
  EXPECT_EQ(answer["label"], json::parse(R"(["y","z"])"));
}

constexpr auto nan = std::numeric_limits<float>::quiet_NaN();
constexpr auto infinity = std::numeric_limits<float>::infinity();

/// One row of these.
tensor floats(const std::vector<float>& xs) {
  tensor result{"probs",
                element_type::float32,
                {1, static_cast<std::int64_t>(xs.size())},
                {}};
  result.bytes.resize(xs.size() * sizeof(float));
  std::memcpy(result.bytes.data(), xs.data(), result.bytes.size());
  return result;
}

TEST(onnx_answer, is_an_error_when_it_has_a_number_that_json_cannot_have) {
  for (auto x : {nan, infinity, -infinity})
    try {
      (void)image_codec().encode({floats({0.5F, 0.25F, x})}, 1);
      ADD_FAILURE();
    } catch (const std::domain_error& e) {
      EXPECT_NE(std::string{e.what()}.find("/outputs/probs/0/2"),
                std::string::npos)
        << e.what();
    }
}

TEST(onnx_answer, has_null_for_such_a_number_when_the_config_says_so) {
  auto codec = image_codec({.classify = "probs", .null_for_nan = true});
  auto answer = codec.encode({floats({nan, 0.25F, 0.5F})}, 1);
  EXPECT_EQ(answer, json::parse(R"({"outputs": {"probs": [[null,0.25,0.5]]},
                                    "class": 2, "score": 0.5})"));
  answer = codec.encode({floats({nan, infinity, 0.5F})}, 1);
  EXPECT_EQ(answer["class"], 1);
  EXPECT_EQ(answer["score"], nullptr);
}

TEST(onnx_answer, classifies_no_rows_with_empty_lists) {
  auto codec = image_codec({.classify = "probs", .labels = {"x", "y", "z"}});
  auto none = probs(R"({"shape":[0,3],"data":[]})");
  EXPECT_EQ(codec.encode({none}, 0),
            json::parse(R"({"outputs":{"probs":[]},"class":[],"score":[],
                            "label":[]})"));
}

TEST(onnx_answer, classifies_one_axis_as_one_row) {
  onnx_codec codec{
    {make_spec("x", {3})}, {make_spec("probs", {3})}, {.classify = "probs"}};
  auto x = read_tensor(json::parse("[1,3,2]"), make_spec("probs", {3}));
  EXPECT_EQ(codec.encode({x}, 3)["class"], 1);
}

TEST(onnx_answer, classifies_only_outputs_that_the_model_has) {
  EXPECT_THROW(image_codec({.classify = "prob"}), std::runtime_error);
  EXPECT_THROW(image_codec({.classify = "probs", .labels = {"x"}}),
               std::runtime_error);
}

} // namespace

} // namespace troupe
