#include "troupe/specs/json/finite.hpp"

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

TEST(finite, refuses_what_is_nested_too_deeply_to_be_written) {
  nlohmann::json x = 1;
  auto wrap = [&x](bool in_object) {
    nlohmann::json outer;
    if (in_object)
      outer["a"] = std::move(x);
    else
      outer.push_back(std::move(x));
    x = std::move(outer);
  };
  for (int i = 0; i < 1'000; ++i)
    wrap(i % 2 == 0);
  EXPECT_NO_THROW(expect_finite(x));
  for (int i = 0; i < 200'000; ++i)
    wrap(i % 2 == 0);
  try {
    expect_finite(x);
    ADD_FAILURE() << "not refused";
  } catch (const std::domain_error& e) {
    EXPECT_STREQ(e.what(), "the answer is nested deeper than 1000 levels");
  }
}
