#include "troupe/http/key_text.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(key_fault, takes_what_a_header_field_can_hold) {
  for (auto key : {"k", "se cret", "a\"b", "0123-_~", "gr\xC3\xBC\xC3\x9F"})
    EXPECT_EQ(key_fault(key), "") << key;
}

TEST(key_fault, says_what_keeps_a_key_from_being_sent) {
  for (auto key : {" ", "\n", " \t\r\n"})
    EXPECT_EQ(key_fault(key), "is blank");
  for (auto key : {"secret\n", "secret\r\n", "secret\r"})
    EXPECT_TRUE(key_fault(key).starts_with("ends with a line break")) << key;
  for (auto key : {"secret ", "secret\t"})
    EXPECT_TRUE(key_fault(key).starts_with("ends with white space")) << key;
  for (auto key : {" secret", "\tsecret", "\nsecret"})
    EXPECT_TRUE(key_fault(key).starts_with("begins with white space")) << key;
  for (auto key : {"se\ncret", "se\tcret",
                   "se\x1b"
                   "cret",
                   "se\x7f"
                   "cret"})
    EXPECT_TRUE(key_fault(key).starts_with("holds a control")) << key;
}

} // namespace

} // namespace troupe
