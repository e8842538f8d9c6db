#include "troupe/models/tensor/tensor_json.hpp"
#include "troupe/models/tensor/tensor_text.hpp"
#include "troupe/specs/json/json.hpp"
#include "troupe/specs/values/validation_error.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace troupe {

namespace {

using nlohmann::json;

tensor_spec spec_of(tensor_shape shape,
                    element_type type = element_type::float32) {
  return {"x", type, std::move(shape), {}};
}

/// What stands for a tensor, all of it; "" for none.
std::string shown(const std::optional<tensor>& x) {
  if (!x)
    return {};
  std::string result = x->name + shape_text(x->shape) + ':';
  result.append(to_string(x->type)).append(1, '=');
  for (auto byte : x->bytes)
    result.append(std::to_string(std::to_integer<int>(byte))).append(1, ',');
  return result;
}

std::string by_text(std::string_view text, const tensor_spec& spec,
                    bool null_is_nan = false) {
  json_reader in{text};
  in.next();
  auto result = read_tensor_text(in, spec, null_is_nan);
  if (result)
    in.finish();
  return shown(result);
}

std::string by_document(std::string_view text, const tensor_spec& spec,
                        bool null_is_nan = false) {
  try {
    return shown(read_tensor(parse_json(text), spec, null_is_nan));
  } catch (const validation_error&) {
    return {};
  }
}

const std::array all_types{
  element_type::float32, element_type::float64, element_type::int8,
  element_type::int16,   element_type::int32,   element_type::int64,
  element_type::uint8,   element_type::uint16,  element_type::uint32,
  element_type::uint64,  element_type::boolean, element_type::float16,
  element_type::bfloat16};

TEST(tensor_text, is_what_its_document_is) {
  const auto free = spec_of({-1, 2});
  for (const auto* text :
       {"[[1,2],[3,4]]", "[[0.1,-2.5e-3]]", "[1,2,3,4]",
        R"({"shape":[2,2],"data":[1,2,3,4]})",
        R"({"data":[[1,2],[3,4]],"shape":[2,2]})", " [ [ 1 , 2 ] ] "}) {
    EXPECT_EQ(by_text(text, free), by_document(text, free)) << text;
    EXPECT_NE(by_text(text, free), "") << text;
  }
  EXPECT_EQ(by_text("7", spec_of({})), by_document("7", spec_of({})));
  EXPECT_NE(by_text("7", spec_of({})), "");
  const auto* one = R"({"shape":[],"data":[7]})";
  EXPECT_EQ(by_text(one, spec_of({})), by_document(one, spec_of({})));
  EXPECT_NE(by_text(one, spec_of({})), "");
}

TEST(tensor_text, has_every_type_of_numbers) {
  for (auto type : all_types)
    for (const auto* text :
         {"[0,1,127]", "[-1,-128]", "[255,65535]", "[1e10,1.5]", "[true,false]",
          "[18446744073709551615]", "[-9223372036854775808]", "[3.4e38]",
          "[1e300]", "[65504,0.1]", "[null]", "[\"1\"]", "[-0,-0.0]"}) {
      const auto spec = spec_of({-1}, type);
      EXPECT_EQ(by_text(text, spec), by_document(text, spec))
        << to_string(type) << ' ' << text;
    }
}

TEST(tensor_text, has_nan_for_null_where_that_is_meant) {
  const auto spec = spec_of({-1});
  EXPECT_EQ(by_text("[1,null]", spec), "");
  EXPECT_NE(by_text("[1,null]", spec, true), "");
  EXPECT_EQ(by_text("[1,null]", spec, true),
            by_document("[1,null]", spec, true));
  EXPECT_EQ(by_text("[null]", spec_of({-1}, element_type::int32), true), "");
}

TEST(tensor_text, leaves_to_the_document_what_is_no_plain_tensor) {
  const auto spec = spec_of({-1, 2});
  for (const auto* text :
       {"[[1,2],[3]]", "[[1,2],3]", "[1,[2]]", "[[[1,2]]]", "[1,2,3]", "[]",
        "[[],[]]", "{}", "\"x\"", "true", R"({"shape":[2,2]})",
        R"({"shape":[2,2],"data":[1,2,3]})",
        R"({"shape":[4],"data":[1,2,3,4]})", R"({"shape":[-1,2],"data":[1,2]})",
        R"({"shape":2,"data":[1,2]})", R"({"shape":[1,2],"data":7})",
        R"({"shape":[1,2],"data":[1,2],"x":1})",
        R"({"shape":[1,2],"shape":[1,2],"data":[1,2]})",
        R"({"shape":[1.0,2],"data":[1,2]})"})
    EXPECT_EQ(by_text(text, spec), "") << text;
  EXPECT_EQ(by_text("[\"a\"]", spec_of({-1}, element_type::string)), "");
}

TEST(tensor_text, with_a_syntax_error_is_refused_at_once) {
  EXPECT_THROW(by_text("[[1,2],[3,]]", spec_of({-1, 2})), json_syntax_error);
  EXPECT_THROW(by_text("[1,2", spec_of({-1})), json_syntax_error);
}

TEST(tensor_text, pays_for_what_it_takes) {
  std::string text{"[0"};
  for (int i = 1; i < 10'000; ++i)
    text += ",0";
  text += ']';
  json_limits limits;
  limits.max_memory = 20'000;
  json_reader in{text, limits};
  in.next();
  EXPECT_THROW(read_tensor_text(in, spec_of({-1})), json_memory_error);
  limits.max_memory = 3 * 4 * 10'000;
  json_reader enough{text, limits};
  enough.next();
  auto x = read_tensor_text(enough, spec_of({-1}));
  ASSERT_TRUE(x);
  EXPECT_EQ(x->shape, (tensor_shape{10'000}));
  EXPECT_LE(enough.charged(), limits.max_memory);
}

/// Arrays of arrays, now and then with something that does not belong there.
// NOLINTNEXTLINE(misc-no-recursion)
std::string random_text(std::mt19937& random, int depth) {
  static constexpr std::array odd{"[]", "null", "true", "\"a\"", "{}", "1e39"};
  if (random() % 40 == 0)
    return odd[random() % odd.size()];
  if (depth == 0)
    return std::to_string(static_cast<int>(random() % 300) - 20)
           + (random() % 4 == 0 ? ".5" : "");
  std::string result{"["};
  const auto n = random() % 12 == 0 ? 3U : 2U;
  for (unsigned i = 0; i < n; ++i)
    result.append(i > 0 ? "," : "").append(random_text(random, depth - 1));
  return result + ']';
}

TEST(tensor_text, agrees_with_the_document_on_random_texts) {
  std::mt19937 random{7};
  std::size_t plain = 0;
  for (int i = 0; i < 3'000; ++i) {
    const auto text = random_text(random, static_cast<int>(random() % 4));
    for (const auto& shape :
         {tensor_shape{-1, 2}, tensor_shape{2, -1, 2}, tensor_shape{-1}}) {
      const auto spec = spec_of(shape, all_types[random() % all_types.size()]);
      const auto got = by_text(text, spec);
      if (!got.empty()) {
        ++plain;
        EXPECT_EQ(got, by_document(text, spec)) << text;
      }
    }
  }
  EXPECT_GT(plain, 200U);
}

TEST(tensor_text, is_longer_than_one_piece) {
  std::string text{"["};
  for (int row = 0; row < 40; ++row) {
    text += row > 0 ? ",[0.5" : "[0.5";
    for (int i = 1; i < 100; ++i)
      text.append(1, ',').append(std::to_string(row * i));
    text += ']';
  }
  text += ']';
  const auto spec = spec_of({-1, 100});
  EXPECT_EQ(by_text(text, spec), by_document(text, spec));
  EXPECT_NE(by_text(text, spec), "");
}

} // namespace

} // namespace troupe
