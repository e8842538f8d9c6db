#include "troupe/specs/values/headers.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

using namespace troupe;

TEST(headers, keep_the_order_in_which_they_came) {
  header_map xs{{"B", "1"}, {"A", "2"}, {"b", "3"}};
  ASSERT_EQ(xs.size(), 3u);
  EXPECT_EQ(xs[0].name, "B");
  EXPECT_EQ(xs[0].value, "1");
  EXPECT_EQ(xs[1].name, "A");
  EXPECT_EQ(xs[2].name, "b");
  EXPECT_EQ(xs[2].value, "3");
}

TEST(headers, are_found_without_regard_to_case) {
  header_map xs{{"Content-Type", "a"}, {"content-type", "b"}};
  EXPECT_EQ(xs.find("CONTENT-TYPE"), "a");
  EXPECT_EQ(xs.count("content-Type"), 2u);
  EXPECT_EQ(xs.find("content"), std::nullopt);
  EXPECT_EQ(xs.count("content"), 0u);
}

TEST(headers, tell_an_empty_value_from_a_missing_field) {
  header_map xs{{"X", ""}};
  EXPECT_EQ(xs.find("x"), "");
  EXPECT_EQ(xs.find("y"), std::nullopt);
}

TEST(headers, set_replaces_every_field_of_that_name) {
  header_map xs{{"a", "1"}, {"b", "2"}, {"A", "3"}};
  xs.set("A", "4");
  ASSERT_EQ(xs.size(), 2u);
  EXPECT_EQ(xs[0].name, "b");
  EXPECT_EQ(xs[1].value, "4");
}

TEST(headers, set_takes_views_into_the_map_itself) {
  header_map xs{{"a", std::string(100, 'x')}, {"b", "2"}};
  xs.set(xs[0].name, xs[0].value);
  EXPECT_EQ(xs.find("a"), std::string(100, 'x'));
  EXPECT_EQ(xs.size(), 2u);
}

TEST(headers, remove_takes_every_field_of_that_name) {
  header_map xs{{"a", "1"}, {"b", "2"}, {"A", "3"}};
  xs.remove("a");
  EXPECT_EQ(xs.size(), 1u);
  EXPECT_EQ(xs.find("b"), "2");
  xs.remove("missing");
  EXPECT_EQ(xs.size(), 1u);
}

TEST(headers, copies_stand_on_their_own) {
  header_map xs{{"a", "1"}};
  auto copy = xs;
  xs.set("a", "2");
  xs.clear();
  EXPECT_TRUE(xs.empty());
  EXPECT_EQ(copy.find("a"), "1");
}

TEST(headers, can_be_filled_again_after_clear) {
  header_map xs{{"a", "1"}};
  xs.clear();
  EXPECT_EQ(xs.find("a"), std::nullopt);
  xs.add("b", "2");
  EXPECT_EQ(xs.find("b"), "2");
  EXPECT_EQ(xs.size(), 1u);
}

TEST(headers, of_any_number_are_found_moved_and_removed) {
  header_map tested;
  for (int i = 0; i < 30; ++i)
    tested.add("x-" + std::to_string(i % 10), std::to_string(i));
  EXPECT_EQ(tested.size(), 30U);
  EXPECT_EQ(tested.find("X-9"), "9");
  EXPECT_EQ(tested.find_last("X-9"), "29");
  EXPECT_EQ(tested.count("x-3"), 3U);
  auto moved = std::move(tested);
  // NOLINTNEXTLINE(bugprone-use-after-move): an empty map, as it says
  EXPECT_TRUE(tested.empty());
  EXPECT_EQ(tested.find("x-9"), std::nullopt);
  tested.add("a", "b");
  EXPECT_EQ(tested[0].value, "b");
  moved.remove("X-3");
  EXPECT_EQ(moved.size(), 27U);
  EXPECT_EQ(moved[26].value, "29");
  EXPECT_EQ(moved[3].value, "4");
  tested = moved;
  tested.set("x-4", "last");
  EXPECT_EQ(tested.size(), 25U);
  EXPECT_EQ(tested[24].value, "last");
  EXPECT_EQ(moved.count("x-4"), 3U);
}

TEST(headers, iequals_folds_ascii_letters_only) {
  EXPECT_TRUE(iequals("aZ-9", "Az-9"));
  EXPECT_FALSE(iequals("a", "ab"));
  // '@' and '[' stand beside the letters, '`' and '{' 32 above them.
  EXPECT_FALSE(iequals("@", "`"));
  EXPECT_FALSE(iequals("[", "{"));
  EXPECT_FALSE(iequals("\xC4", "\xE4"));
}

TEST(headers, field_values_hold_no_control_characters) {
  EXPECT_TRUE(is_field_value(""));
  EXPECT_TRUE(is_field_value("a b\tc ~\x80\xFF"));
  for (char c : {'\r', '\n', '\0', '\x1F', '\x7F'})
    EXPECT_FALSE(is_field_value(std::string{"a"} + c)) << static_cast<int>(c);
}

TEST(headers, tokens_are_letters_digits_and_a_few_signs) {
  EXPECT_TRUE(is_token("X-Request_Id.1!#$%&'*+^`|~"));
  EXPECT_FALSE(is_token(""));
  for (auto text : {"a b", "a:", "(a)", "a,b", "\"a\"", "a/b", "\xE4"})
    EXPECT_FALSE(is_token(text)) << text;
}

TEST(headers, find_last_takes_the_last_of_a_name) {
  header_map x{{"a", "1"}, {"b", "2"}, {"A", "3"}};
  EXPECT_EQ(x.find_last("a"), "3");
  EXPECT_EQ(x.find_last("b"), "2");
  EXPECT_FALSE(x.find_last("c"));
}
