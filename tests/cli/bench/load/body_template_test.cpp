#include "troupe/cli/bench/load/body_template.hpp"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <stdexcept>

using troupe::load::body_template;

namespace {

std::string render(std::string_view text, std::uint64_t number = 0,
                   std::uint64_t seed = 1) {
  std::mt19937_64 random{seed};
  std::string result;
  body_template{text}.render(result, number, random);
  return result;
}

} // namespace

TEST(body_template, leaves_text_and_single_braces_alone) {
  EXPECT_EQ(render(R"({"a": {"b": 1}})"), R"({"a": {"b": 1}})");
  EXPECT_EQ(render(""), "");
  EXPECT_EQ(render("{{n"), "{{n");
  EXPECT_TRUE(body_template{R"({"a": 1})"}.constant());
}

TEST(body_template, fills_in_the_number_of_the_request) {
  EXPECT_EQ(render(R"({"a":{"b":{{n}}}})", 17), R"({"a":{"b":17}})");
  EXPECT_EQ(render("{{ n }}-{{n}}", 3), "3-3");
  EXPECT_FALSE(body_template{"{{n}}"}.constant());
}

TEST(body_template, fills_in_whole_numbers_of_both_ends) {
  std::mt19937_64 random{1};
  body_template x{"{{int -1 1}}"};
  std::set<std::string> seen;
  for (auto i = 0; i < 200; ++i) {
    std::string text;
    x.render(text, 0, random);
    seen.insert(text);
  }
  EXPECT_EQ(seen, (std::set<std::string>{"-1", "0", "1"}));
}

TEST(body_template, fills_in_numbers_within_their_ends) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    auto x = std::stod(render("{{float 0.5 0.75}}", 0, seed));
    EXPECT_GE(x, 0.5);
    EXPECT_LE(x, 0.75);
  }
}

TEST(body_template, picks_words) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed)
    seen.insert(render("{{pick red green}}", 0, seed));
  EXPECT_EQ(seen, (std::set<std::string>{"red", "green"}));
}

TEST(body_template, makes_uuids_of_version_4) {
  std::regex form{"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                  "[0-9a-f]{12}"};
  EXPECT_TRUE(std::regex_match(render("{{uuid}}", 0, 1), form));
  EXPECT_NE(render("{{uuid}}", 0, 1), render("{{uuid}}", 0, 2));
}

TEST(body_template, refuses_a_place_that_it_does_not_know) {
  for (const auto* text :
       {"{{}}", "{{x}}", "{{n 1}}", "{{int 1}}", "{{int 2 1}}", "{{int 0.5 1}}",
        "{{float a b}}", "{{pick}}", "{{uuid 4}}"})
    EXPECT_THROW(body_template{text}, std::invalid_argument) << text;
}

TEST(body_template, takes_literal_text_as_it_is) {
  std::mt19937_64 random;
  std::string out;
  body_template::literal("{{n}}").render(out, 1, random);
  EXPECT_EQ(out, "{{n}}");
}
