#include "troupe/specs/openai/wire/fields.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace troupe::openai;
using nlohmann::json;

namespace {

template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const validation_error& e) {
    return json(e.location()).dump() + ' ' + e.message();
  }
  return "nothing thrown";
}

} // namespace

TEST(openai_fields, null_counts_as_missing) {
  std::string text = "before";
  EXPECT_FALSE(read_optional(json{{"a", nullptr}}, "a", text));
  EXPECT_FALSE(read_optional(json::object(), "a", text));
  EXPECT_EQ(text, "before");
  EXPECT_TRUE(read_optional(json{{"a", "x"}}, "a", text));
  EXPECT_EQ(text, "x");
  std::optional<int> number;
  EXPECT_FALSE(read_optional(json{{"a", nullptr}}, "a", number));
  EXPECT_FALSE(number.has_value());
  EXPECT_TRUE(read_optional(json{{"a", 3}}, "a", number));
  EXPECT_EQ(number, 3);
}

TEST(openai_fields, errors_say_where) {
  int x = 0;
  EXPECT_EQ(message_of([&] {
              read_optional(json{{"a", "1"}}, "a", x);
            }),
            R"(["a"] expected integer, got string)");
  EXPECT_EQ(message_of([&] { read_optional(json::array(), "a", x); }),
            "[] expected object, got array");
  EXPECT_EQ(message_of([&] {
              with_member(json{{"a", {{"b", "1"}}}}, "a",
                          [&](const json& y) { read_optional(y, "b", x); });
            }),
            R"(["a","b"] expected integer, got string)");
}

TEST(openai_fields, ranges_include_their_ends) {
  EXPECT_NO_THROW(expect_range("a", 0, 0, 2));
  EXPECT_NO_THROW(expect_range("a", 2, 0, 2));
  EXPECT_NO_THROW(expect_range("a", std::optional<double>{}, 0, 2));
  EXPECT_EQ(message_of([] { expect_range("a", 2.5, 0, 2); }),
            R"(["a"] expected a number from 0.0 to 2.0, got 2.5)");
}

TEST(openai_fields, lists_the_known_words) {
  EXPECT_NO_THROW(expect_one_of("a", "wav", {"wav", "mp3"}));
  EXPECT_EQ(message_of([] {
              expect_one_of("a", "flac", {"wav", "mp3"});
            }),
            R"(["a"] expected 'wav' or 'mp3', got 'flac')");
  EXPECT_EQ(message_of([] {
              expect_one_of("a", "d", {"a", "b", "c"});
            }),
            R"(["a"] expected 'a', 'b' or 'c', got 'd')");
}
