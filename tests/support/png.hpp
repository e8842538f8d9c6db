#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe {

/// Writes PNG files for tests: 8 bits for each channel, not compressed.
class png_writer {
public:
  /// @param color_type 0 gray, 2 RGB, 4 gray with alpha, 6 RGB with alpha.
  png_writer(std::uint32_t width, std::uint32_t height, int color_type = 0)
    : width_(width), height_(height), color_type_(color_type) {
    // nop
  }

  /// @param pixels rows from the top, channels interleaved.
  [[nodiscard]] std::string write(std::string_view pixels) const {
    std::string rows;
    auto stride = pixels.size() / height_;
    for (std::uint32_t y = 0; y < height_; ++y) {
      rows += '\0';
      rows += pixels.substr(y * stride, stride);
    }
    return write_compressed(deflate_stored(rows));
  }

  /// Takes what stands in the IDAT chunk, right or wrong.
  [[nodiscard]] std::string write_compressed(std::string_view data) const {
    std::string header = u32(width_) + u32(height_);
    header += '\x08';
    header += static_cast<char>(color_type_);
    header.append(3, '\0');
    return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", data)
           + chunk("IEND", {});
  }

private:
  static std::string u32(std::uint32_t x) {
    std::string result;
    for (int shift = 24; shift >= 0; shift -= 8)
      result += static_cast<char>((x >> shift) & 0xFFU);
    return result;
  }

  static std::string u16_little(std::size_t x) {
    return {static_cast<char>(x & 0xFFU), static_cast<char>((x >> 8) & 0xFFU)};
  }

  static std::string chunk(std::string_view type, std::string_view data) {
    std::string body{type};
    body += data;
    std::uint32_t crc = 0xFFFFFFFFU;
    for (char c : body) {
      crc ^= static_cast<unsigned char>(c);
      for (int bit = 0; bit < 8; ++bit)
        crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
    return u32(static_cast<std::uint32_t>(data.size())) + body + u32(~crc);
  }

  static std::string deflate_stored(std::string_view data) {
    constexpr std::size_t max_block = 65'535;
    std::string result{"\x78\x01"};
    std::uint32_t a = 1;
    std::uint32_t b = 0;
    for (char c : data) {
      a = (a + static_cast<unsigned char>(c)) % 65'521U;
      b = (b + a) % 65'521U;
    }
    while (!data.empty()) {
      auto block = data.substr(0, max_block);
      data.remove_prefix(block.size());
      result += data.empty() ? '\x01' : '\x00';
      result += u16_little(block.size()) + u16_little(~block.size());
      result += block;
    }
    return result + u32((b << 16) | a);
  }

  std::uint32_t width_;
  std::uint32_t height_;
  int color_type_;
};

} // namespace troupe
