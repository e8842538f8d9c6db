#include "troupe/specs/input/base64.hpp"

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

TEST(base64, decodes_what_it_encodes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    bytes += static_cast<char>(i);
  }
  EXPECT_EQ(from_base64("Zm9vYg=="), "foob");
}

TEST(base64, decodes_nothing_else) {
  for (const auto* text :
       {"Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zg==Zg==", "Zm9-", "Zm 9",
        "Zm9v\n", "Zh==", "Zm9="})
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

TEST(base64, writes_floats_in_little_endian_order) {
  // 1.0f is 3f800000, -2.5f is c0200000.
  EXPECT_EQ(floats_to_base64({1.0}), to_base64({"\x00\x00\x80\x3f", 4}));
  EXPECT_EQ(floats_to_base64({1.0, -2.5}),
            to_base64({"\x00\x00\x80\x3f\x00\x00\x20\xc0", 8}));
}
