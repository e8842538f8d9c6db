#include "troupe/models/tensor/image.hpp"
#include "troupe/specs/values/error.hpp"
#include "troupe/tests/support/png.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace troupe {

namespace {

using pixels = std::vector<std::uint8_t>;

std::string refusal(std::string_view bytes) {
  try {
    (void)decode_png(bytes, pixel_format::gray);
  } catch (const http_error& e) {
    EXPECT_EQ(e.why().effective_status(), 400);
    return e.why().detail.get<std::string>();
  }
  return "no error";
}

bool starts_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

TEST(png, knows_its_signature) {
  EXPECT_TRUE(is_png(png_writer(1, 1).write("a")));
  EXPECT_FALSE(is_png("\x89PNG"));
  EXPECT_FALSE(is_png(""));
  EXPECT_FALSE(is_png("[1,2,3]"));
}

TEST(png, gives_back_gray_pixels_as_they_are) {
  auto x = decode_png(png_writer(3, 2).write({"\x00\x01\x7f\x80\xfe\xff", 6}),
                      pixel_format::gray);
  EXPECT_EQ(x.size, (image_size{3, 2}));
  EXPECT_EQ(x.pixels, (pixels{0, 1, 127, 128, 254, 255}));
}

TEST(png, gives_back_coloured_pixels_as_they_are) {
  auto x = decode_png(png_writer(2, 1, 2).write("abcdef"), pixel_format::rgb);
  EXPECT_EQ(x.size, (image_size{2, 1}));
  EXPECT_EQ(x.pixels, (pixels{'a', 'b', 'c', 'd', 'e', 'f'}));
}

TEST(png, turns_gray_into_three_equal_channels) {
  auto x = decode_png(png_writer(2, 1).write("az"), pixel_format::rgb);
  EXPECT_EQ(x.pixels, (pixels{'a', 'a', 'a', 'z', 'z', 'z'}));
}

TEST(png, turns_colour_into_gray_by_luma) {
  auto x = decode_png(
    png_writer(4, 1, 2).write({"\xff\0\0\0\xff\0\0\0\xff\x64\x64\x64", 12}),
    pixel_format::gray);
  EXPECT_EQ(x.pixels, (pixels{76, 150, 29, 100}));
}

TEST(png, shows_black_through_transparency) {
  auto x = decode_png(png_writer(2, 1, 4).write({"\xc8\0\xc8\xff", 4}),
                      pixel_format::gray);
  EXPECT_EQ(x.pixels, (pixels{0, 200}));
}

TEST(png, takes_images_of_many_blocks) {
  std::string rows(300 * 300, 'q');
  auto x = decode_png(png_writer(300, 300).write(rows), pixel_format::gray);
  EXPECT_EQ(x.pixels, pixels(300 * 300, 'q'));
}

TEST(png, tells_its_size_without_the_pixels) {
  EXPECT_EQ(png_size(png_writer(640, 480).write_compressed("garbage")),
            (image_size{640, 480}));
}

TEST(png, is_refused_when_it_is_something_else) {
  EXPECT_TRUE(starts_with(refusal(""), "not a PNG image: "));
  EXPECT_TRUE(starts_with(refusal("GIF89a"), "not a PNG image: "));
  EXPECT_TRUE(starts_with(refusal("\x89PNG\r\n\x1a\n"), "not a PNG image: "));
}

TEST(png, is_refused_wherever_it_is_cut) {
  auto whole = png_writer(8, 8).write(std::string(64, 'x'));
  // The last 12 bytes are the end chunk, which libpng does not insist on.
  for (std::size_t n = 0; n < whole.size() - 16; ++n)
    EXPECT_TRUE(starts_with(refusal(whole.substr(0, n)), "not a PNG image: "))
      << n;
}

TEST(png, is_refused_when_its_pixels_are_damaged) {
  EXPECT_TRUE(starts_with(refusal(png_writer(8, 8).write_compressed("junk")),
                          "not a PNG image: "));
  auto whole = png_writer(8, 8).write(std::string(64, 'x'));
  whole[60] = static_cast<char>(whole[60] ^ 0x55);
  EXPECT_TRUE(starts_with(refusal(whole), "not a PNG image: "));
}

TEST(png, is_refused_when_it_is_too_large) {
  EXPECT_EQ(refusal(png_writer(5000, 10).write_compressed("")),
            "PNG image too large: 5000x10, at most 4096x4096");
  // libpng itself has a limit, far above ours.
  EXPECT_NE(refusal(png_writer(2'000'000'000, 10).write_compressed("")),
            "no error");
}

TEST(to_chw, puts_one_channel_after_the_other) {
  image x{{2, 1}, pixel_format::rgb, {0, 51, 102, 153, 204, 255}};
  auto t = to_chw(x, 1.0 / 255, "image");
  EXPECT_EQ(t.name, "image");
  EXPECT_EQ(t.type, element_type::float32);
  EXPECT_EQ(t.shape, (tensor_shape{1, 3, 1, 2}));
  std::vector<float> values(6);
  ASSERT_EQ(t.bytes.size(), sizeof(float) * values.size());
  std::memcpy(values.data(), t.bytes.data(), t.bytes.size());
  EXPECT_EQ(values, (std::vector<float>{0, 0.6F, 0.2F, 0.8F, 0.4F, 1}));
}

} // namespace

} // namespace troupe
