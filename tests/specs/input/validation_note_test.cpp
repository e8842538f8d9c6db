#include "troupe/specs/input/validation.hpp"
#include "troupe/specs/input/validation_note.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using nlohmann::json;

TEST(validation_note, tells_what_a_validation_error_says) {
  validation_error e{"missing", "Field required"};
  e.prepend("text");
  e.prepend(1);
  e.prepend("parts");
  auto notes = notes_of(e.to_failure().detail);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].place, "parts[1].text");
  EXPECT_EQ(notes[0].text(), "parts[1].text: Field required");
}

TEST(validation_note, is_of_the_body_without_a_place) {
  auto notes = notes_of(
    validation_error{"type_error", "expected object"}.to_failure().detail);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0].text(), "expected object");
}

TEST(validation_note, comes_as_often_as_there_are_faults) {
  auto notes = notes_of(json::parse(
    R"([{"loc": ["body", "a"], "msg": "x"}, {"loc": [], "msg": "y"}])"));
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0].text(), "a: x");
  EXPECT_EQ(notes[1].text(), "y");
}

TEST(validation_note, is_none_of_another_detail) {
  for (const auto* text :
       {"null", "\"text\"", "{}", "[]", "[1]", R"([{"msg": "x"}])",
        R"([{"loc": "a", "msg": "x"}])", R"([{"loc": [], "msg": 1}])",
        R"([{"loc": [], "msg": "x"}, 1])"})
    EXPECT_TRUE(notes_of(json::parse(text)).empty()) << text;
}
