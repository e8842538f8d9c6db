#pragma once

#include <array>
#include <string>
#include <string_view>
#include <zlib.h>

namespace troupe {

/// Undoes gzip; "(broken)" for what is none.
inline std::string gunzip(std::string_view packed) {
  z_stream s{};
  std::string result;
  std::array<char, 65'536> chunk{};
  constexpr int gzip_only = 15 + 16;
  if (inflateInit2(&s, gzip_only) != Z_OK)
    return "(broken)";
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  s.avail_in = static_cast<uInt>(packed.size());
  auto status = Z_OK;
  while (status == Z_OK) {
    s.next_out = reinterpret_cast<Bytef*>(chunk.data());
    s.avail_out = static_cast<uInt>(chunk.size());
    status = inflate(&s, Z_NO_FLUSH);
    result.append(chunk.data(), chunk.size() - s.avail_out);
  }
  inflateEnd(&s);
  return status == Z_STREAM_END ? result : "(broken)";
}

} // namespace troupe
