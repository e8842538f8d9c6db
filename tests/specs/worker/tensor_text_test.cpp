#include "troupe/specs/worker/frame.hpp"
#include "troupe/specs/worker/tensor_text.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace troupe::worker {

namespace {

template <class T, std::size_t N>
std::string text_of_tensor(std::string_view dtype,
                           std::vector<std::size_t> shape,
                           const std::array<T, N>& xs) {
  std::string out;
  append_tensor(out, {dtype,
                      std::move(shape),
                      {reinterpret_cast<const char*>(xs.data()), sizeof(xs)}});
  return out;
}

} // namespace

TEST(tensor_text, nests_as_the_shape_says) {
  const std::array<std::int32_t, 4> xs{1, -2, 3, 4};
  EXPECT_EQ(text_of_tensor("int32", {4}, xs), "[1,-2,3,4]");
  EXPECT_EQ(text_of_tensor("int32", {2, 2}, xs), "[[1,-2],[3,4]]");
  EXPECT_EQ(text_of_tensor("int32", {1, 4, 1}, xs), "[[[1],[-2],[3],[4]]]");
  EXPECT_EQ(text_of_tensor("int32", {}, std::array<std::int32_t, 1>{7}), "7");
  std::string empty;
  append_tensor(empty, {"float32", {2, 0}, {}});
  EXPECT_EQ(empty, "[[],[]]");
}

TEST(tensor_text, writes_each_type_so_that_it_can_be_read_back) {
  EXPECT_EQ(text_of_tensor("bool", {2}, std::array<std::uint8_t, 2>{0, 1}),
            "[false,true]");
  EXPECT_EQ(text_of_tensor("uint64", {1},
                           std::array<std::uint64_t, 1>{~std::uint64_t{0}}),
            "[18446744073709551615]");
  EXPECT_EQ(text_of_tensor("float32", {1}, std::array<float, 1>{0.1F}),
            "[0.1]");
  EXPECT_EQ(text_of_tensor("float64", {1}, std::array<double, 1>{0.1}),
            "[0.1]");
  EXPECT_EQ(text_of_tensor("int8", {1}, std::array<std::int8_t, 1>{-128}),
            "[-128]");
}

} // namespace troupe::worker
