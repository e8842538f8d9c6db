#include "troupe/specs/values/finite.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <limits>
#include <stdexcept>
#include <string>

using namespace troupe;

namespace {

constexpr auto no_number = std::numeric_limits<double>::quiet_NaN();
constexpr auto infinity = std::numeric_limits<double>::infinity();

std::string refusal(const nlohmann::json& x) {
  try {
    expect_finite(x);
    return "";
  } catch (const std::domain_error& e) {
    std::string text = e.what();
    return text.substr(text.find(" at ") + 4);
  }
}

} // namespace

TEST(finite, lets_every_document_pass_that_json_can_write) {
  EXPECT_EQ(refusal(nullptr), "");
  EXPECT_EQ(refusal({1, 2.5, "NaN", {{"a", {1e308, -0.0}}}}), "");
}

TEST(finite, names_the_place_of_what_it_cannot_write) {
  EXPECT_EQ(refusal(no_number), "its root");
  EXPECT_EQ(refusal({{"output", {1.0, 2.0, -infinity}}}), "/output/2");
  EXPECT_EQ(refusal({0, {{"a", {{"b", no_number}}}}}), "/1/a/b");
}

TEST(finite, refuses_a_document_that_is_too_deep_to_be_written) {
  auto tower = [](std::size_t depth) {
    nlohmann::json result;
    for (std::size_t i = 0; i < depth; ++i)
      result = nlohmann::json::array({std::move(result)});
    return result;
  };
  EXPECT_NO_THROW(expect_finite(tower(1000)));
  EXPECT_THROW(expect_finite(tower(1001)), std::domain_error);
  EXPECT_THROW(expect_finite(tower(200'000)), std::domain_error);
}
