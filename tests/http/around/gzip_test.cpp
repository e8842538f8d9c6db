#include "troupe/http/around/gzip.hpp"
#include "troupe/http/connection/http_exchange.hpp"
#include "troupe/tests/support/gunzip.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(accepts_gzip, reads_weights) {
  for (auto* text : {"gzip", "GZip", "deflate, gzip;q=0.5", "*", "br, *;q=0.1",
                     "gzip ; q=1.000", "x-gzip", "gzip, identity;q=0.5",
                     "identity;q=0, *;q=0.2"})
    EXPECT_TRUE(accepts_gzip(text)) << text;
  for (auto* text :
       {"", "br", "identity", "gzip;q=0", "gzip;q=0.000", "*;q=0",
        "gzip;q=0, *", "gzip;q=0.5, identity", "gzip;q=x", "gzip;q=", ","})
    EXPECT_FALSE(accepts_gzip(text)) << text;
}

TEST(gzip, is_undone_by_another_gunzip) {
  std::string text;
  for (int i = 0; i < 100'000; ++i)
    text += std::to_string(i * 7919 % 1000);
  for (auto level : {1, 6, 9}) {
    auto packed = gzip(text, level);
    EXPECT_LT(packed.size(), text.size());
    EXPECT_EQ(gunzip(packed), text);
  }
  EXPECT_EQ(gunzip(gzip("", 1)), "");
}

wire_reply answer(std::size_t size) {
  wire_reply result;
  result.content_type = "application/json";
  result.body = std::string(size, 'a');
  return result;
}

TEST(compress, packs_what_the_client_takes) {
  auto x = answer(5'000);
  compress(x, {}, true);
  EXPECT_EQ(x.headers.find("Content-Encoding"), "gzip");
  EXPECT_EQ(x.headers.find("Vary"), "Accept-Encoding");
  EXPECT_EQ(gunzip(x.body), std::string(5'000, 'a'));
}

TEST(compress, tells_caches_also_when_it_does_nothing) {
  auto x = answer(5'000);
  compress(x, {}, false);
  EXPECT_EQ(x.body.size(), 5'000U);
  EXPECT_EQ(x.headers.find("Vary"), "Accept-Encoding");
  EXPECT_FALSE(x.headers.find("Content-Encoding"));
}

TEST(compress, leaves_alone_what_gains_nothing_or_must_not_change) {
  auto untouched = [](auto change) {
    auto x = answer(1'000);
    change(x);
    auto body = x.body;
    compress(x, {}, true);
    return x.body == body;
  };
  EXPECT_FALSE(untouched([](auto&) {}));
  EXPECT_TRUE(untouched([](auto& x) { x.body.pop_back(); }));
  EXPECT_TRUE(untouched([](auto& x) { x.content_type = "image/png"; }));
  EXPECT_FALSE(untouched([](auto& x) { x.content_type = "image/svg+xml"; }));
  EXPECT_TRUE(untouched([](auto& x) { x.status = 206; }));
  EXPECT_TRUE(
    untouched([](auto& x) { x.headers.add("Content-Encoding", "br"); }));
  EXPECT_TRUE(untouched(
    [](auto& x) { x.headers.add("Cache-Control", "private, no-transform"); }));
  auto off = answer(5'000);
  gzip_options options;
  options.enabled = false;
  compress(off, options, true);
  EXPECT_TRUE(off.headers.empty());
}

TEST(compress, weakens_a_strong_tag) {
  auto x = answer(5'000);
  x.headers.add("ETag", "\"v1\"");
  compress(x, {}, true);
  EXPECT_EQ(x.headers.find("ETag"), "W/\"v1\"");
}

} // namespace

} // namespace troupe
