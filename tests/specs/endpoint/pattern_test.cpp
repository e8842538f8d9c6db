#include "troupe/specs/endpoint/pattern.hpp"
#include "troupe/specs/values/path.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

using namespace troupe;
using namespace std::literals;

namespace {

std::string canonical(std::string_view text) {
  return parse_pattern(text).canonical();
}

std::string error_of(std::string_view text) {
  try {
    parse_pattern(text);
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
  return "accepted";
}

using segments = std::vector<std::string_view>;

segments split(std::string_view path) {
  segments result{"left over"};
  split_path(path, result);
  return result;
}

} // namespace

TEST(pattern, has_segments_of_four_kinds) {
  auto x = parse_pattern("/v1/{model}/{op}:predict/{path...}");
  ASSERT_EQ(x.segments.size(), 4U);
  using enum segment_kind;
  EXPECT_EQ(x.segments[0], (pattern_segment{literal, "v1", ""}));
  EXPECT_EQ(x.segments[1], (pattern_segment{parameter, "", "model"}));
  EXPECT_EQ(x.segments[2], (pattern_segment{suffix, "predict", "op"}));
  EXPECT_EQ(x.segments[3], (pattern_segment{rest, "", "path"}));
  EXPECT_TRUE(x.has_parameters());
  EXPECT_EQ(x.text, "/v1/{model}/{op}:predict/{path...}");
  EXPECT_EQ(x.canonical(), "/v1/{}/{}:predict/{...}");
}

TEST(pattern, of_the_root_has_no_segments) {
  EXPECT_TRUE(parse_pattern("/").segments.empty());
  EXPECT_FALSE(parse_pattern("/").has_parameters());
  EXPECT_EQ(canonical("/"), "/");
}

TEST(pattern, has_one_canonical_form) {
  EXPECT_EQ(canonical("/predict"), "/predict");
  EXPECT_EQ(canonical("/pr%65dict"), "/predict");
  EXPECT_EQ(canonical("/predict/"), "/predict");
  EXPECT_EQ(canonical("/{_a1}/{B}/"), "/{}/{}");
  EXPECT_EQ(canonical("/v1/models/{name}:predict"), "/v1/models/{}:predict");
  EXPECT_EQ(canonical("/v1/models/{n}:pr%65dict"), "/v1/models/{}:predict");
  EXPECT_EQ(canonical("/files/{path...}"), "/files/{...}");
  EXPECT_EQ(canonical("/a:b"), "/a:b");
  EXPECT_EQ(canonical("/caf%C3%A9"), "/caf\xC3\xA9");
}

TEST(pattern, does_not_take_a_literal_for_a_parameter) {
  EXPECT_EQ(canonical("/%7B%7D"), "/%7B%7D");
  EXPECT_NE(canonical("/%257B%257D"), canonical("/%7B%7D"));
  EXPECT_EQ(canonical("/a%2Fb"), "/a%2Fb");
  EXPECT_EQ(parse_pattern("/a%2Fb").segments.front().text, "a\0b"s);
  EXPECT_EQ(parse_pattern("/%2565").segments.front().text, "%65");
}

TEST(pattern, is_refused_with_its_place_and_an_example) {
  struct {
    std::string_view text;
    std::size_t position;
    std::string_view what;
  } const cases[]{
    {"", 1, "begins with a slash"},
    {"predict", 1, "begins with a slash"},
    {"*", 1, "begins with a slash"},
    {"//", 2, "empty segment"},
    {"/a//b", 4, "empty segment"},
    {"/a//", 4, "empty segment"},
    {"/a/./b", 4, "dot segment"},
    {"/a/..", 4, "dot segment"},
    {"/%2e%2E/a", 2, "dot segment"},
    {"/a/%zz", 4, "percent sign"},
    {"/a%4", 3, "percent sign"},
    {"/a%", 3, "percent sign"},
    {"/a%4/b", 3, "percent sign"},
    {"/a%00", 3, "%00"},
    {"/a{b}", 3, "brace inside a literal"},
    {"/a}", 3, "brace inside a literal"},
    {"/{a", 2, "not closed"},
    {"/{a/b}", 2, "not closed"},
    {"/{}", 3, "name is letters"},
    {"/{...}", 3, "name is letters"},
    {"/{1a}", 3, "name is letters"},
    {"/{a-b}", 3, "name is letters"},
    {"/{{a}}", 3, "name is letters"},
    {"/{a..}", 3, "name is letters"},
    {"/{a}/{a}", 7, "used before"},
    {"/{a}/{a...}", 7, "used before"},
    {"/{a}b", 5, "only a colon"},
    {"/{a}{b}", 5, "only a colon"},
    {"/{a}:", 5, "without a text"},
    {"/{a}:b:c", 6, "after the colon"},
    {"/{a}:b%3Ac", 6, "after the colon"},
    {"/{a}:b%2Fc", 6, "after the colon"},
    {"/{a}:b%7B", 6, "after the colon"},
    {"/{a}:{b}", 6, "brace inside a literal"},
    {"/{a...}/b", 9, "nothing may follow"},
    {"/{a...}:b", 8, "nothing may follow"},
    {"/{a...}/{b...}", 9, "nothing may follow"},
    {"/a?b=c", 3, "neither query"},
    {"/a#b", 3, "neither query"},
    {"/a\nb", 3, "control character"},
  };
  for (const auto& x : cases) {
    auto msg = error_of(x.text);
    auto has = [&](std::string_view part) {
      EXPECT_NE(msg.find(part), std::string::npos) << x.text << ": " << msg;
    };
    has(x.what);
    has("position " + std::to_string(x.position) + ":");
    EXPECT_EQ(msg.find('\n'), std::string::npos);
    // The example is one.
    has("; write e.g. \"");
    auto example = msg.substr(msg.rfind("e.g. \"") + 6);
    example.pop_back();
    EXPECT_EQ(error_of(example), "accepted") << msg;
  }
  EXPECT_EQ(error_of("/a//b"),
            "pattern \"/a//b\", position 4: an empty segment; write e.g. "
            "\"/v1/predict\"");
}

TEST(pattern, has_at_most_sixteen_parameters) {
  std::string text;
  for (auto i = 0; i < 16; ++i)
    text += "/{p" + std::to_string(i) + "}";
  EXPECT_EQ(error_of(text), "accepted");
  EXPECT_NE(error_of(text + "/{p16}").find("more than 16"), std::string::npos);
}

TEST(split_path, gives_one_view_for_each_segment) {
  EXPECT_EQ(split("/"), segments{});
  EXPECT_EQ(split("/a"), segments{"a"});
  EXPECT_EQ(split("/a/b"), (segments{"a", "b"}));
  EXPECT_EQ(split("/a/"), (segments{"a", ""}));
  EXPECT_EQ(split("/a//b"), (segments{"a", "", "b"}));
  EXPECT_EQ(split("//"), (segments{"", ""}));
}

TEST(relate, knows_equal_disjoint_shadowing_and_ambiguous) {
  using enum pattern_relation;
  struct {
    std::string_view lhs;
    std::string_view rhs;
    pattern_relation expected;
  } const cases[]{
    {"/", "/", equal},
    {"/", "/{a...}", disjoint},
    {"/predict", "/pr%65dict", equal},
    {"/predict", "/predict/", equal},
    {"/predict", "/Predict", disjoint},
    {"/predict", "/other", disjoint},
    {"/a", "/a/b", disjoint},
    {"/{a}", "/{b}", equal},
    {"/{a}/x", "/{b}/x", equal},
    {"/{a}/x", "/{b}/y", disjoint},
    {"/a", "/{b}", first_shadows},
    {"/{a}/x", "/y/{b}", ambiguous},
    {"/{a}/x", "/y/x", second_shadows},
    {"/{a}/{b}", "/y/{b}", second_shadows},
    {"/{n}:predict", "/{m}:predict", equal},
    {"/{n}:predict", "/{m}:explain", disjoint},
    {"/{n}:predict", "/{m}", first_shadows},
    {"/x:predict", "/{m}:predict", first_shadows},
    {"/a:b:predict", "/{m}:predict", first_shadows},
    {"/x:predict:b", "/{m}:predict", disjoint},
    {"/:predict", "/{m}:predict", disjoint},
    {"/predict", "/{m}:predict", disjoint},
    {"/{n}:predict/{a}", "/{m}/x", ambiguous},
    {"/{r...}", "/{s...}", equal},
    {"/{r...}", "/{a}", second_shadows},
    {"/{r...}", "/a/b/c", second_shadows},
    {"/{r...}", "/{a}/{s...}", second_shadows},
    {"/a/{r...}", "/a", disjoint},
    {"/a/{r...}", "/{b}/c", ambiguous},
    {"/a/{r...}", "/{b}/{s...}", first_shadows},
    {"/a/{r...}", "/{b}/{c}/{s...}", ambiguous},
    {"/a/{r...}", "/b/{s...}", disjoint},
  };
  for (const auto& x : cases) {
    auto lhs = parse_pattern(x.lhs);
    auto rhs = parse_pattern(x.rhs);
    EXPECT_EQ(relate(lhs, rhs), x.expected) << x.lhs << " " << x.rhs;
    auto turned = x.expected == first_shadows    ? second_shadows
                  : x.expected == second_shadows ? first_shadows
                                                 : x.expected;
    EXPECT_EQ(relate(rhs, lhs), turned) << x.lhs << " " << x.rhs;
    if (x.expected != disjoint) {
      auto path = parse_pattern(percent_encode_path(common_path(lhs, rhs)));
      for (const auto* side : {&lhs, &rhs}) {
        auto relation = relate(path, *side);
        EXPECT_TRUE(relation == equal || relation == first_shadows)
          << common_path(lhs, rhs) << " is not in " << side->text;
      }
    }
  }
}

TEST(relate, compares_literals_without_case_when_told_to) {
  using enum pattern_relation;
  auto relation = [](std::string_view lhs, std::string_view rhs) {
    return relate(parse_pattern(lhs), parse_pattern(rhs), true);
  };
  EXPECT_EQ(relation("/Predict", "/predict"), equal);
  EXPECT_EQ(relation("/{n}:Predict", "/{m}:predicT"), equal);
  EXPECT_EQ(relation("/x:Predict", "/{m}:predict"), first_shadows);
  EXPECT_EQ(relation("/caf\xC3\x89", "/caf\xC3\xA9"), disjoint);
}

TEST(common_path, prefers_what_is_literal) {
  auto common = [](std::string_view lhs, std::string_view rhs) {
    return common_path(parse_pattern(lhs), parse_pattern(rhs));
  };
  EXPECT_EQ(common("/", "/"), "/");
  EXPECT_EQ(common("/{a}/x", "/y/{b}"), "/y/x");
  EXPECT_EQ(common("/{a}:p/{b}", "/{c}/x"), "/a:p/x");
  EXPECT_EQ(common("/{r...}", "/a/{b}/c"), "/a/b/c");
  EXPECT_EQ(common("/a/{r...}", "/{b}/{c}/{s...}"), "/a/c/r");
}
