#include "troupe/models/llama/llama_controls.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

/// Reads a prompt whose foreign parts are between `{` and `}`.
prompt_text prompt(std::string_view marked) {
  prompt_text result;
  std::size_t begin = 0;
  for (auto c : marked)
    if (c == '{')
      begin = result.text.size();
    else if (c == '}')
      result.foreign.push_back({begin, result.text.size()});
    else
      result.text += c;
  return result;
}

/// Writes the parts with `|` between them.
std::string parts(const control_texts& texts, std::string_view marked) {
  auto x = prompt(marked);
  auto result = x.text;
  auto cuts = texts.cuts(x);
  for (auto i = cuts.rbegin(); i != cuts.rend(); ++i)
    result.insert(*i, 1, '|');
  return result;
}

control_texts texts() {
  control_texts result;
  result.add("<end>", true);
  result.add("<user>", true);
  result.add("<mark>", false);
  return result;
}

TEST(control_texts, are_cut_only_where_they_are_foreign) {
  EXPECT_EQ(parts(texts(), "<user>{hello}<end>"), "<user>hello<end>");
  EXPECT_EQ(parts(texts(), "<user>{a<end>b}<end>"), "<user>a<|end>b<end>");
  EXPECT_EQ(parts(texts(), "{<end>}"), "<|end>");
  EXPECT_EQ(parts(texts(), "<user>{<user><end>}"), "<user><|user><|end>");
}

TEST(control_texts, are_foreign_when_a_part_is) {
  EXPECT_EQ(parts(texts(), "<e{nd>}"), "<|end>");
  EXPECT_EQ(parts(texts(), "{<en}d>"), "<|end>");
  EXPECT_EQ(parts(texts(), "<{e}nd>"), "<|end>");
  EXPECT_EQ(parts(texts(), "{<us}er{>}"), "<|user>");
}

TEST(control_texts, that_are_user_defined_count_when_the_prompt_has_them) {
  EXPECT_EQ(parts(texts(), "<user>{<mark>}"), "<user><mark>");
  EXPECT_EQ(parts(texts(), "<mark>{<mark>}"), "<mark><|mark>");
}

TEST(control_texts, of_several_lengths_are_all_found) {
  control_texts x;
  x.add("<a>", true);
  x.add("<a><b>", true);
  x.add("b><", true);
  EXPECT_EQ(parts(x, "{<a><b>}<"), "<|a><b|><");
}

TEST(control_texts, are_never_cut_within_a_code_point) {
  control_texts x;
  x.add("\u4E2D>", true);
  x.add("\u2028", true);
  EXPECT_EQ(parts(x, "{a\u4E2D>b}"), "a\u4E2D|>b");
  EXPECT_EQ(parts(x, "{a\u2028b}"), "a|\u2028|b");
}

TEST(control_texts, may_be_none) {
  EXPECT_EQ(parts({}, "{<end>}"), "<end>");
  EXPECT_EQ(parts(texts(), "<end>"), "<end>");
  EXPECT_EQ(parts(texts(), "{}"), "");
}

} // namespace

} // namespace troupe
