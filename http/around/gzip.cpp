#include "troupe/http/around/gzip.hpp"

#include "troupe/http/wire/field_list.hpp"
#include "troupe/http/wire/wire_reply.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <new>
#include <optional>
#include <zlib.h>

namespace troupe {

namespace {

bool is_compressed_media(std::string_view type) {
  constexpr std::array<std::string_view, 8> prefixes{
    "image/",           "audio/",          "video/",
    "font/woff",        "application/zip", "application/gzip",
    "application/zstd", "application/x-7z"};
  type = type.substr(0, type.find(';'));
  if (iequals(type, "image/svg+xml") || iequals(type, "image/bmp"))
    return false;
  return std::any_of(prefixes.begin(), prefixes.end(), [&](auto x) {
    return iequals(type.substr(0, x.size()), x);
  });
}

bool has_no_transform(const header_map& headers) {
  auto list = headers.find("Cache-Control").value_or("");
  while (!list.empty())
    if (iequals(next_item(list, ','), "no-transform"))
      return true;
  return false;
}

bool is_eligible(const wire_reply& x, const gzip_options& options) {
  auto type = x.headers.find("Content-Type").value_or(x.content_type);
  return x.body.size() >= options.min_bytes && x.status >= 200
         && x.status != 204 && x.status != 206 && x.status != 304
         && !x.headers.find("Content-Encoding")
         && !x.headers.find("Content-Range") && !is_compressed_media(type)
         && !has_no_transform(x.headers);
}

} // namespace

std::string gzip_options::validate() const {
  if (level < 1 || level > 9)
    return "gzip.level: from 1 to 9";
  return {};
}

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<int> named;
  std::optional<int> any;
  std::optional<int> identity;
  while (!accept_encoding.empty()) {
    auto [name, weight] = next_weighted(accept_encoding);
    if (iequals(name, "gzip") || iequals(name, "x-gzip"))
      named = weight;
    else if (name == "*")
      any = weight;
    else if (iequals(name, "identity"))
      identity = weight;
  }
  auto weight = named ? *named : any.value_or(0);
  return weight > 0 && weight >= identity.value_or(0);
}

std::string gzip(std::string_view data, int level) {
  // 15 bits of window, and 16 for gzip's wrapper instead of zlib's.
  constexpr int window = 15 + 16;
  constexpr int memory = 8;
  z_stream s{};
  if (deflateInit2(&s, level, Z_DEFLATED, window, memory, Z_DEFAULT_STRATEGY)
      != Z_OK)
    throw std::bad_alloc{};
  struct guard {
    z_stream* s;
    ~guard() {
      deflateEnd(s);
    }
  } leave{&s};
  std::string result;
  result.resize(deflateBound(&s, data.size()));
  constexpr std::size_t most = std::numeric_limits<uInt>::max();
  std::size_t in = 0;
  std::size_t out = 0;
  auto status = Z_OK;
  while (status != Z_STREAM_END) {
    auto in_now = std::min(data.size() - in, most);
    auto out_now = std::min(result.size() - out, most);
    // zlib reads only; its interface predates const.
    s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data() + in));
    s.avail_in = static_cast<uInt>(in_now);
    s.next_out = reinterpret_cast<Bytef*>(result.data() + out);
    s.avail_out = static_cast<uInt>(out_now);
    status = deflate(&s, in + in_now == data.size() ? Z_FINISH : Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END)
      throw std::bad_alloc{};
    in += in_now - s.avail_in;
    out += out_now - s.avail_out;
  }
  result.resize(out);
  return result;
}

void compress(wire_reply& answer, const gzip_options& options, bool accepted) {
  if (!options.enabled || answer.file != nullptr
      || !is_eligible(answer, options))
    return;
  add_vary(answer.headers, "Accept-Encoding");
  if (!accepted)
    return;
  auto packed = gzip(answer.body, options.level);
  if (packed.size() >= answer.body.size())
    return;
  answer.body = std::move(packed);
  answer.headers.set("Content-Encoding", "gzip");
  // A strong tag stands for the bytes before compression, not for these.
  if (auto tag = answer.headers.find("ETag"); tag && tag->starts_with('"'))
    answer.headers.set("ETag", std::string{"W/"}.append(*tag));
}

} // namespace troupe
