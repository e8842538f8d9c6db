#include "troupe/models/tensor/tensor.hpp"
#include "troupe/models/tensor/tensor_json.hpp"
#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/json/json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace troupe {

namespace {

using nlohmann::json;

tensor_spec make_spec(element_type type, tensor_shape shape) {
  return {"x", type, std::move(shape), {}};
}

tensor read(const char* text, const tensor_spec& spec) {
  return read_tensor(parse_json(text), spec);
}

std::string refusal(const json& j, const tensor_spec& spec) {
  try {
    (void)read_tensor(j, spec);
  } catch (const validation_error& e) {
    EXPECT_EQ(e.to_failure().effective_status(), 422);
    return e.message();
  }
  return "no error";
}

std::string refusal(const char* text, const tensor_spec& spec) {
  return refusal(parse_json(text), spec);
}

template <class T>
std::vector<T> values(const tensor& x) {
  std::vector<T> result(x.bytes.size() / sizeof(T));
  std::memcpy(result.data(), x.bytes.data(), x.bytes.size());
  return result;
}

// -- shapes ------------------------------------------------------------------

TEST(tensor_shape, counts_its_elements) {
  EXPECT_EQ(element_count({}), 1U);
  EXPECT_EQ(element_count({2, 3, 4}), 24U);
  EXPECT_EQ(element_count({2, 0, 4}), 0U);
  EXPECT_EQ(element_count({2, -1}), std::nullopt);
}

TEST(tensor_shape, refuses_products_that_overflow) {
  constexpr auto big = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(element_count({big, 2}), std::nullopt);
  EXPECT_EQ(element_count({1LL << 32, 1LL << 32}), std::nullopt);
  EXPECT_EQ(element_count({0, big, big}), std::nullopt);
  EXPECT_EQ(element_count({big, big, 0}), std::nullopt);
}

TEST(tensor_spec, prints_type_and_shape) {
  EXPECT_EQ(to_string(make_spec(element_type::float32, {-1, 1, 8, 8})),
            "float32 [?,1,8,8]");
  EXPECT_EQ(to_string(make_spec(element_type::boolean, {-1, -1})),
            "bool [?,?]");
  EXPECT_EQ(to_string(make_spec(element_type::int64, {})), "int64 []");
  tensor_spec spec{"x", element_type::int64, {-1, -1, 4}, {"batch", "len", ""}};
  EXPECT_EQ(to_string(spec), "int64 [batch,len,4]");
}

// -- reading -----------------------------------------------------------------

TEST(read_tensor, takes_the_shape_from_nested_arrays) {
  auto x =
    read("[[1,2,3],[4,5,6.5]]", make_spec(element_type::float32, {-1, 3}));
  EXPECT_EQ(x.name, "x");
  EXPECT_EQ(x.shape, (tensor_shape{2, 3}));
  EXPECT_EQ(values<float>(x), (std::vector<float>{1, 2, 3, 4, 5, 6.5F}));
}

TEST(read_tensor, lets_the_count_of_a_flat_array_decide_the_free_axis) {
  auto spec = make_spec(element_type::int32, {-1, 2, 2});
  EXPECT_EQ(read("[1,2,3,4]", spec).shape, (tensor_shape{1, 2, 2}));
  EXPECT_EQ(read("[1,2,3,4,5,6,7,8]", spec).shape, (tensor_shape{2, 2, 2}));
  EXPECT_EQ(refusal("[1,2,3,4,5]", spec), "x: expected int32 [?,2,2], got [5]");
  EXPECT_EQ(refusal("[]", spec), "x: expected int32 [?,2,2], got [0]");
}

TEST(read_tensor, takes_a_flat_array_for_a_fixed_shape) {
  auto spec = make_spec(element_type::uint8, {2, 2});
  EXPECT_EQ(read("[1,2,3,4]", spec).shape, (tensor_shape{2, 2}));
  EXPECT_EQ(refusal("[1,2,3]", spec), "x: expected uint8 [2,2], got [3]");
}

TEST(read_tensor, does_not_guess_between_two_free_axes) {
  auto spec = make_spec(element_type::float32, {-1, -1});
  EXPECT_EQ(refusal("[1,2,3,4]", spec), "x: expected float32 [?,?], got [4]");
  EXPECT_EQ(read("[[1,2],[3,4]]", spec).shape, (tensor_shape{2, 2}));
}

TEST(read_tensor, takes_an_object_with_shape_and_data) {
  auto spec = make_spec(element_type::int64, {-1, -1});
  auto x = read(R"({"shape":[2,2],"data":[1,2,3,4]})", spec);
  EXPECT_EQ(x.shape, (tensor_shape{2, 2}));
  EXPECT_EQ(values<std::int64_t>(x), (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(read(R"({"shape":[1,2],"data":[[7,8]]})", spec).shape,
            (tensor_shape{1, 2}));
}

TEST(read_tensor, refuses_objects_that_contradict_themselves) {
  auto spec = make_spec(element_type::int64, {-1, 2});
  EXPECT_EQ(refusal(R"({"shape":[2,2],"data":[1,2,3]})", spec),
            "x: the shape [2,2] takes 4 elements, got 3");
  EXPECT_EQ(refusal(R"({"shape":[2,3],"data":[1,2,3,4,5,6]})", spec),
            "x: expected int64 [?,2], got [2,3]");
  EXPECT_EQ(refusal(R"({"shape":[2,2]})", spec),
            "x: expected an object with \"shape\" and \"data\" only");
  EXPECT_EQ(refusal(R"({"shape":[2,2],"data":[],"type":"int64"})", spec),
            "x: expected an object with \"shape\" and \"data\" only");
  EXPECT_EQ(refusal(R"({"shape":"2","data":[1,2]})", spec),
            "x: the shape must be an array of integers");
  EXPECT_EQ(refusal(R"({"shape":[1,2],"data":3})", spec),
            "x: the data must be an array");
}

TEST(read_tensor, refuses_shapes_that_are_too_large_or_negative) {
  auto spec = make_spec(element_type::float32, {-1, -1});
  EXPECT_EQ(refusal(R"({"shape":[4294967296,4294967296],"data":[]})", spec),
            "x: the shape [4294967296,4294967296] is too large");
  EXPECT_EQ(refusal(R"({"shape":[1000000000,0],"data":[]})", spec),
            "x: the shape [1000000000,0] is too large");
  EXPECT_EQ(refusal(R"({"shape":[1000000000,1],"data":[1]})", spec),
            "x: the shape [1000000000,1] takes 1000000000 elements, got 1");
  EXPECT_EQ(refusal(R"({"shape":[-1,1],"data":[1]})", spec),
            "x: the shape [-1,1] has a negative axis");
}

TEST(read_tensor, takes_empty_tensors_where_an_axis_is_free) {
  auto spec = make_spec(element_type::float32, {1, 4, -1, 16});
  auto x = read(R"({"shape":[1,4,0,16],"data":[]})", spec);
  EXPECT_EQ(x.shape, (tensor_shape{1, 4, 0, 16}));
  EXPECT_TRUE(x.bytes.empty());
}

TEST(read_tensor, takes_scalars) {
  auto x = read("7", make_spec(element_type::int64, {}));
  EXPECT_TRUE(x.shape.empty());
  EXPECT_EQ(values<std::int64_t>(x), std::vector<std::int64_t>{7});
}

TEST(read_tensor, says_what_was_expected_and_what_came) {
  tensor_spec spec{"image", element_type::float32, {-1, 1, 2, 2}, {}};
  EXPECT_EQ(refusal("[[[[1,2],[3,4],[5,6]]]]", spec),
            "image: expected float32 [?,1,2,2], got [1,1,3,2]");
  EXPECT_EQ(refusal("\"abc\"", spec),
            "image: expected float32 [?,1,2,2], got string");
  EXPECT_EQ(refusal("null", spec),
            "image: expected float32 [?,1,2,2], got null");
  EXPECT_EQ(refusal("[1,2,null,4]", spec),
            "image: expected float32 [?,1,2,2], got null at [2]");
  EXPECT_EQ(refusal("[[[[1,2],[3,true]]]]", spec),
            "image: expected float32 [?,1,2,2], got boolean at [0][0][1][1]");
}

TEST(read_tensor, refuses_ragged_arrays) {
  auto spec = make_spec(element_type::float32, {-1, 2});
  EXPECT_EQ(refusal("[[1,2],[3]]", spec),
            "x: ragged array: expected 2 elements at [1], got 1");
  EXPECT_EQ(refusal("[[1,2],3]", spec),
            "x: ragged array: expected 2 elements at [1], got number");
  EXPECT_EQ(refusal("[[1,2],[3,[4]]]", spec),
            "x: ragged array: expected a number at [1][1], got array");
  EXPECT_EQ(refusal("[1,[2]]", spec),
            "x: ragged array: expected a number at [1], got array");
}

TEST(read_tensor, never_wraps_or_rounds_an_integer) {
  EXPECT_EQ(refusal("[255,256]", make_spec(element_type::uint8, {-1})),
            "x: 256 at [1] does not fit uint8");
  EXPECT_EQ(refusal("[-1]", make_spec(element_type::uint64, {-1})),
            "x: -1 at [0] does not fit uint64");
  EXPECT_EQ(refusal("[-129]", make_spec(element_type::int8, {-1})),
            "x: -129 at [0] does not fit int8");
  EXPECT_EQ(refusal("[4294967297]", make_spec(element_type::int32, {-1})),
            "x: 4294967297 at [0] does not fit int32");
  EXPECT_EQ(
    refusal("[18446744073709551615]", make_spec(element_type::int64, {-1})),
    "x: 18446744073709551615 at [0] does not fit int64");
  EXPECT_EQ(refusal("[1.5]", make_spec(element_type::int64, {-1})),
            "x: expected int64 [?], got number 1.5 at [0]");
}

TEST(read_tensor, reaches_the_limits_of_each_type) {
  EXPECT_EQ(
    values<std::uint8_t>(read("[0,255]", make_spec(element_type::uint8, {-1}))),
    (std::vector<std::uint8_t>{0, 255}));
  EXPECT_EQ(
    values<std::int64_t>(
      read("[-9223372036854775808]", make_spec(element_type::int64, {-1}))),
    std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min()});
  EXPECT_EQ(values<std::uint64_t>(read("[18446744073709551615]",
                                       make_spec(element_type::uint64, {-1}))),
            std::vector{std::numeric_limits<std::uint64_t>::max()});
}

TEST(read_tensor, refuses_floats_that_are_out_of_range) {
  EXPECT_EQ(refusal("[1e39]", make_spec(element_type::float32, {-1})),
            "x: 1e+39 at [0] does not fit float32");
  EXPECT_EQ(
    values<double>(read("[1e39]", make_spec(element_type::float64, {-1}))),
    std::vector<double>{1e39});
}

TEST(read_tensor, rounds_a_real_number_before_it_is_out_of_range) {
  auto spec = make_spec(element_type::float32, {-1});
  constexpr auto most = std::numeric_limits<float>::max();
  // The text of the largest float32 is above it.
  EXPECT_EQ(values<float>(read("[3.4028235e+38,-3.4028235e38]", spec)),
            (std::vector<float>{most, -most}));
  EXPECT_EQ(refusal("[3.4028236e38]", spec),
            "x: 3.4028236e+38 at [0] does not fit float32");
  EXPECT_EQ(refusal("[-3.5e38]", spec),
            "x: -3.5e+38 at [0] does not fit float32");
  auto half = make_spec(element_type::float16, {-1});
  EXPECT_EQ(write_tensor(read("[65504,65519,-65519]", half)),
            json::parse("[65504.0,65504.0,-65504.0]"));
  EXPECT_EQ(refusal("[65520]", half), "x: 65520 at [0] does not fit float16");
  auto brain = make_spec(element_type::bfloat16, {-1});
  EXPECT_EQ(values<std::uint16_t>(read("[3.3895e38]", brain)),
            std::vector<std::uint16_t>{0x7F7F});
  EXPECT_EQ(refusal("[3.4e38]", brain),
            "x: 3.4e+38 at [0] does not fit bfloat16");
}

TEST(read_tensor, says_that_an_integer_beyond_64_bits_does_not_fit) {
  EXPECT_EQ(
    refusal("[18446744073709551616]", make_spec(element_type::uint64, {-1})),
    "x: 1.8446744073709552e+19 at [0] does not fit uint64");
}

TEST(read_tensor, takes_null_for_a_nan_only_when_told) {
  for (auto type :
       {element_type::float32, element_type::float64, element_type::float16}) {
    auto spec = make_spec(type, {-1});
    auto x = read_tensor(json::parse("[1,null]"), spec, true);
    EXPECT_FALSE(is_finite(x));
    EXPECT_NE(refusal("[1,null]", spec).find("got null"), std::string::npos);
  }
  EXPECT_THROW((void)read_tensor(json::parse("[null]"),
                                 make_spec(element_type::int64, {-1}), true),
               validation_error);
}

TEST(read_tensor, takes_only_strings_for_strings) {
  auto spec = make_spec(element_type::string, {-1, -1});
  auto x = read(R"([["a","b"],["c",""]])", spec);
  EXPECT_EQ(x.texts, (std::vector<std::string>{"a", "b", "c", ""}));
  EXPECT_EQ(write_tensor(x), json::parse(R"([["a","b"],["c",""]])"));
  EXPECT_EQ(write_tensor(take_rows(x, 1, 1)), json::parse(R"([["c",""]])"));
  append_rows(x, read(R"([["d","e"]])", spec));
  EXPECT_EQ(element_at(x, 5), "e");
  EXPECT_EQ(elements_of(x), 6U);
  EXPECT_EQ(refusal("[[1]]", spec),
            "x: expected string [?,?], got number 1 at [0][0]");
  EXPECT_EQ(write_tensor(read(R"({"shape":[1,2],"data":["x","y"]})", spec)),
            json::parse(R"([["x","y"]])"));
}

TEST(read_tensor, takes_only_booleans_for_bool) {
  auto spec = make_spec(element_type::boolean, {-1});
  EXPECT_EQ(values<std::uint8_t>(read("[true,false]", spec)),
            (std::vector<std::uint8_t>{1, 0}));
  EXPECT_EQ(refusal("[1]", spec), "x: expected bool [?], got number 1 at [0]");
}

// -- writing -----------------------------------------------------------------

TEST(write_tensor, nests_arrays_and_comes_back) {
  for (auto type :
       {element_type::float32, element_type::float64, element_type::int8,
        element_type::int16, element_type::int32, element_type::int64,
        element_type::uint8, element_type::uint16, element_type::uint32,
        element_type::uint64}) {
    auto x = read("[[1,2,3],[4,5,6]]", make_spec(type, {-1, -1}));
    EXPECT_EQ(write_tensor(x), json::parse("[[1,2,3],[4,5,6]]"))
      << to_string(type);
  }
  auto flags = read("[true,false]", make_spec(element_type::boolean, {-1}));
  EXPECT_EQ(write_tensor(flags), json::parse("[true,false]"));
}

TEST(write_tensor, uses_no_more_digits_than_a_float_has) {
  auto x = read("[0.1,0.2]", make_spec(element_type::float32, {-1}));
  EXPECT_EQ(dump_json(write_tensor(x)), "[0.1,0.2]");
}

TEST(write_tensor, writes_scalars_and_empty_tensors) {
  EXPECT_EQ(write_tensor(read("7", make_spec(element_type::int8, {}))), 7);
  auto x = read(R"({"shape":[2,0],"data":[]})",
                make_spec(element_type::float32, {-1, -1}));
  EXPECT_EQ(dump_json(write_tensor(x)), "[[],[]]");
}

// -- rows --------------------------------------------------------------------

TEST(tensor_rows, go_together_and_come_apart) {
  auto spec = make_spec(element_type::int32, {-1, 2});
  auto all = read("[[1,2]]", spec);
  auto more = read("[[3,4],[5,6]]", spec);
  ASSERT_TRUE(stackable(all, more));
  append_rows(all, more);
  EXPECT_EQ(write_tensor(all), json::parse("[[1,2],[3,4],[5,6]]"));
  EXPECT_EQ(write_tensor(take_rows(all, 1, 2)), json::parse("[[3,4],[5,6]]"));
  EXPECT_EQ(write_tensor(take_rows(all, 0, 1)), json::parse("[[1,2]]"));
}

TEST(tensor_rows, stack_only_when_the_other_axes_agree) {
  auto two = read("[[1,2]]", make_spec(element_type::int32, {-1, -1}));
  auto three = read("[[1,2,3]]", make_spec(element_type::int32, {-1, -1}));
  auto longs = read("[[1,2]]", make_spec(element_type::int64, {-1, -1}));
  auto scalar = read("1", make_spec(element_type::int32, {}));
  EXPECT_FALSE(stackable(two, three));
  EXPECT_FALSE(stackable(two, longs));
  EXPECT_FALSE(stackable(scalar, scalar));
}

TEST(tensor_json, knows_whether_json_can_write_every_element) {
  auto with = []<class T>(element_type type, T last) {
    tensor x{"x", type, {2}, std::vector<std::byte>(2 * sizeof(T))};
    std::memcpy(x.bytes.data() + sizeof(T), &last, sizeof(T));
    return is_finite(x);
  };
  constexpr auto infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(with(element_type::float64, 1e308));
  EXPECT_FALSE(with(element_type::float64, -infinity));
  EXPECT_FALSE(with(element_type::float32, std::nanf("")));
  // The bits of a NaN are a number like any other here.
  EXPECT_TRUE(with(element_type::int32, std::int32_t{0x7FC00000}));
}

} // namespace

} // namespace troupe
