#include "troupe/specs/openai/chat/tool_calls.hpp"

#include <gtest/gtest.h>

namespace troupe::openai {

namespace {

using pieces = std::vector<tool_call_piece>;

/// What a client makes of the pieces: it joins all of them.
std::vector<tool_call> joined(const pieces& xs) {
  std::vector<tool_call> result;
  for (const auto& x : xs) {
    if (result.size() <= *x.index)
      result.resize(*x.index + 1);
    auto& call = result[*x.index];
    call.id += x.id;
    call.name += x.name;
    call.arguments += x.arguments;
  }
  return result;
}

void expect_equal(const std::vector<tool_call>& a,
                  const std::vector<tool_call>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].id, b[i].id);
    EXPECT_EQ(a[i].name, b[i].name);
    EXPECT_EQ(a[i].arguments, b[i].arguments);
  }
}

/// Expects the calls that become of the pieces, whole or joined by a client.
void expect_calls(const pieces& given, const std::vector<tool_call>& wanted) {
  call_assembler whole{"made_", true};
  pieces seen;
  for (auto x : given) {
    whole.push(x);
    seen.push_back(x);
  }
  pieces last;
  whole.finish(last);
  seen.insert(seen.end(), last.begin(), last.end());
  expect_equal(whole.calls(), wanted);
  expect_equal(joined(seen), wanted);
}

} // namespace

TEST(tool_calls, are_joined_by_their_index) {
  expect_calls({{0, "a", "f", "{\"x\""},
                {1, "b", "g", ""},
                {0, "", "", ":1}"},
                {1, "", "", "[]"}},
               {{"a", "f", "{\"x\":1}"}, {"b", "g", "[]"}});
}

TEST(tool_calls, follow_each_other_without_one) {
  expect_calls({{{}, "a", "f", "1"}, {{}, "b", "g", "2"}},
               {{"a", "f", "1"}, {"b", "g", "2"}});
}

TEST(tool_calls, have_one_id_and_one_name) {
  expect_calls({{0, "a", "f", "1"}, {0, "a", "f", "2"}, {0, "b", "g", "3"}},
               {{"a", "f", "123"}});
}

TEST(tool_calls, get_an_id_with_their_first_piece_and_keep_it) {
  expect_calls({{0, "", "", "1"}, {0, "late", "f", "2"}},
               {{"made_0", "f", "12"}});
}

TEST(tool_calls, have_an_empty_object_for_arguments_that_never_came) {
  expect_calls({{0, "a", "f", ""}, {1, "b", "g", "1"}},
               {{"a", "f", "{}"}, {"b", "g", "1"}});
}

TEST(tool_calls, end_in_the_last_piece_where_it_is_one_of_theirs) {
  call_assembler tested{"", false};
  pieces last{{0, "a", "f", ""}};
  tested.push(last[0]);
  tested.finish(last);
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0].arguments, "{}");
  EXPECT_EQ(tested.calls()[0].arguments, "");
}

TEST(tool_calls, have_whole_code_points_in_each_piece) {
  call_assembler tested{"", false};
  tool_call_piece first{0, "a", "f", "\"caf\xC3"};
  tested.push(first);
  EXPECT_EQ(first.arguments, "\"caf");
  tool_call_piece other{1, "b", "g", "\xA9"};
  tested.push(other);
  EXPECT_EQ(other.arguments, "\xEF\xBF\xBD");
  tool_call_piece second{0, "", "", "\xA9\""};
  tested.push(second);
  EXPECT_EQ(second.arguments, "\xC3\xA9\"");
  expect_calls({{0, "a", "f", "\xC3"}}, {{"a", "f", "\xEF\xBF\xBD"}});
}

TEST(tool_calls, are_bounded) {
  call_assembler tested{"", true};
  tool_call_piece x{{}, "a", "f", ""};
  for (std::size_t i = 0; i < max_calls; ++i) {
    x.index.reset();
    tested.push(x);
  }
  x.index.reset();
  EXPECT_THROW(tested.push(x), std::runtime_error);
}

} // namespace troupe::openai
