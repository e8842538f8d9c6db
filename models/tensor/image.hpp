#pragma once

#include "troupe/models/tensor/tensor.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// The widest and highest image that is decoded.
inline constexpr std::uint32_t max_image_side = 4096;

enum class pixel_format : std::uint8_t {
  /// One byte for each pixel.
  gray = 1,
  /// Three bytes for each pixel.
  rgb = 3,
};

struct image_size {
  std::uint32_t width = 0;
  std::uint32_t height = 0;

  bool operator==(const image_size&) const = default;
};

/// 8-bit pixels, row by row from the top, channels interleaved.
struct image {
  image_size size = {};
  pixel_format format = pixel_format::gray;
  std::vector<std::uint8_t> pixels = {};
};

/// Returns whether the bytes begin as every PNG file does.
[[nodiscard]] bool is_png(std::string_view bytes) noexcept;

/// Reads only the header of a PNG file.
/// @throws http_error 400
image_size png_size(std::string_view bytes);

/// Decodes a PNG file. Colour becomes gray by ITU-R 601 luma, gray becomes
/// three equal channels, transparency shows black. Memory is bounded by
/// `max_image_side`.
/// @throws http_error 400
image decode_png(std::string_view bytes, pixel_format format);

/// Makes a float32 tensor [1,channels,height,width] of pixels times `scale`.
tensor to_chw(const image& x, double scale, std::string name = {});

} // namespace troupe
