#include "troupe/models/tensor/image.hpp"

#include "troupe/specs/values/error.hpp"

#include <png.h>

#include <cstring>

namespace troupe {

namespace {

/// A PNG file being read. libpng's "simplified API": errors come back as
/// values, so that no `longjmp` crosses C++ frames.
class png_reader {
public:
  explicit png_reader(std::string_view bytes) {
    image_.version = PNG_IMAGE_VERSION;
    if (!is_png(bytes))
      throw http_error(400, "not a PNG image: the signature is missing");
    if (png_image_begin_read_from_memory(&image_, bytes.data(), bytes.size())
        == 0)
      fail();
    if (image_.width > max_image_side || image_.height > max_image_side) {
      png_image_free(&image_);
      auto side = std::to_string(max_image_side);
      throw http_error(400, "PNG image too large: " + text(size())
                              + ", at most " + side + 'x' + side);
    }
  }

  png_reader(const png_reader&) = delete;
  png_reader& operator=(const png_reader&) = delete;

  ~png_reader() {
    png_image_free(&image_);
  }

  [[nodiscard]] image_size size() const noexcept {
    return {image_.width, image_.height};
  }

  [[nodiscard]] bool coloured() const noexcept {
    return (image_.format & PNG_FORMAT_FLAG_COLOR) != 0;
  }

  std::vector<std::uint8_t> read(pixel_format format) {
    image_.format =
      format == pixel_format::gray ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
    std::vector<std::uint8_t> result(PNG_IMAGE_SIZE(image_));
    png_color black{0, 0, 0};
    if (png_image_finish_read(&image_, &black, result.data(), 0, nullptr) == 0)
      fail();
    return result;
  }

private:
  static std::string text(image_size x) {
    return std::to_string(x.width) + 'x' + std::to_string(x.height);
  }

  [[noreturn]] void fail() {
    std::string why{image_.message};
    png_image_free(&image_);
    throw http_error(400, "not a PNG image: " + why);
  }

  png_image image_{};
};

std::vector<std::uint8_t> to_gray(const std::vector<std::uint8_t>& rgb) {
  std::vector<std::uint8_t> result(rgb.size() / 3);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto* p = rgb.data() + 3 * i;
    result[i] = static_cast<std::uint8_t>(
      (299U * p[0] + 587U * p[1] + 114U * p[2] + 500U) / 1000U);
  }
  return result;
}

} // namespace

bool is_png(std::string_view bytes) noexcept {
  return bytes.substr(0, 8) == "\x89PNG\r\n\x1a\n";
}

image_size png_size(std::string_view bytes) {
  return png_reader{bytes}.size();
}

image decode_png(std::string_view bytes, pixel_format format) {
  png_reader reader{bytes};
  // libpng would weigh the colours in linear light, training code does not.
  if (format == pixel_format::gray && reader.coloured())
    return {reader.size(), format, to_gray(reader.read(pixel_format::rgb))};
  return {reader.size(), format, reader.read(format)};
}

tensor to_chw(const image& x, double scale, std::string name) {
  auto channels = static_cast<std::size_t>(x.format);
  auto area = x.pixels.size() / channels;
  tensor result{
    std::move(name),
    element_type::float32,
    {1, static_cast<std::int64_t>(channels), x.size.height, x.size.width},
    std::vector<std::byte>(x.pixels.size() * sizeof(float))};
  auto* out = result.bytes.data();
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t i = 0; i < area; ++i) {
      auto value = static_cast<float>(x.pixels[i * channels + c] * scale);
      std::memcpy(out, &value, sizeof(float));
      out += sizeof(float);
    }
  return result;
}

} // namespace troupe
