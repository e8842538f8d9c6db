#include "troupe/specs/mcp/base64.hpp"

#include <gtest/gtest.h>

using troupe::mcp::to_base64;

TEST(to_base64, encodes_the_examples_of_rfc_4648) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(to_base64, takes_every_byte) {
  EXPECT_EQ(to_base64(std::string{"\0\xff\xfe\x80", 4}), "AP/+gA==");
}
