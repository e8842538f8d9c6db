#include "troupe/specs/base64.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(base64, encodes_the_examples_of_rfc_4648) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(base64, takes_every_byte) {
  EXPECT_EQ(to_base64("\xff\xfe\xfd"), "//79");
  EXPECT_EQ(to_base64({"\0\xff\xfe\x80", 4}), "AP/+gA==");
}

TEST(base64, writes_floats_in_little_endian_order) {
  // 1.0f is 3f800000, -2.5f is c0200000.
  EXPECT_EQ(floats_to_base64({1.0}), to_base64({"\x00\x00\x80\x3f", 4}));
  EXPECT_EQ(floats_to_base64({1.0, -2.5}),
            to_base64({"\x00\x00\x80\x3f\x00\x00\x20\xc0", 8}));
}
