#include "troupe/http/wire/gzip_decoder.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <zlib.h>

namespace troupe {

struct gzip_decoder::stream {
  z_stream z{};
};

gzip_decoder::gzip_decoder() : stream_(std::make_unique<stream>()) {
  // 15 bits of window, and 16 for gzip's wrapper instead of zlib's.
  constexpr int window = 15 + 16;
  if (inflateInit2(&stream_->z, window) != Z_OK)
    throw std::bad_alloc{};
}

gzip_decoder::~gzip_decoder() {
  inflateEnd(&stream_->z);
}

gzip_decoder::verdict gzip_decoder::next(std::string_view& in,
                                         std::string_view& out) {
  auto& z = stream_->z;
  for (;;) {
    // A full buffer may have left output behind for which no input is needed.
    const auto flushes = given_ > 0 && given_ % buffer_.size() == 0;
    if (in.empty() && (between_members_ || !flushes))
      return verdict::more;
    if (between_members_ && taken_ > 0 && inflateReset(&z) != Z_OK)
      return verdict::corrupt;
    between_members_ = false;
    constexpr std::size_t most = std::numeric_limits<uInt>::max();
    auto size = std::min(in.size(), most);
    // Pieces end at multiples of the buffer, however the data comes, so that
    // its density is judged at the same places.
    auto room = buffer_.size() - given_ % buffer_.size();
    // zlib reads only; its interface predates const.
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    z.avail_in = static_cast<uInt>(size);
    z.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    z.avail_out = static_cast<uInt>(room);
    auto status = inflate(&z, Z_NO_FLUSH);
    auto used = size - z.avail_in;
    auto made = room - z.avail_out;
    in.remove_prefix(used);
    taken_ += used;
    given_ += made;
    between_members_ = status == Z_STREAM_END;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
      return status == Z_MEM_ERROR ? throw std::bad_alloc{} : verdict::corrupt;
    if (made == room && given_ > free_bytes && given_ / max_ratio > taken_)
      return verdict::too_dense;
    if (made > 0) {
      out = {buffer_.data(), made};
      return verdict::piece;
    }
    if (used == 0 && !between_members_)
      return in.empty() ? verdict::more : verdict::corrupt;
  }
}

} // namespace troupe
