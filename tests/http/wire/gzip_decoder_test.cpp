#include "troupe/http/around/gzip.hpp"
#include "troupe/http/wire/gzip_decoder.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace troupe {

namespace {

struct decoded_data {
  gzip_decoder::verdict last = gzip_decoder::verdict::more;
  bool complete = false;
  std::string text = {};

  friend bool operator==(const decoded_data&, const decoded_data&) = default;
};

decoded_data decode_in_pieces(std::string_view data, std::size_t piece_size) {
  gzip_decoder x;
  decoded_data result;
  while (!data.empty() && result.last == gzip_decoder::verdict::more) {
    auto in = data.substr(0, piece_size);
    data.remove_prefix(in.size());
    std::string_view out;
    while ((result.last = x.next(in, out)) == gzip_decoder::verdict::piece)
      result.text += out;
  }
  result.complete = x.complete();
  return result;
}

/// Text that gzip makes a third of.
std::string packable(std::size_t size) {
  std::mt19937 random{7};
  std::string result;
  while (result.size() < size)
    result += std::to_string(random() % 1000) + ',';
  result.resize(size);
  return result;
}

TEST(gzip_decoder, undoes_gzip_in_any_pieces) {
  for (std::size_t size : {0U, 1U, 1000U, 16'384U, 32'768U, 100'000U}) {
    auto text = packable(size);
    auto data = gzip(text, 6);
    auto whole = decode_in_pieces(data, data.size());
    EXPECT_TRUE(whole.complete) << size;
    EXPECT_TRUE(whole.text == text) << size;
    for (std::size_t piece : {1U, 2U, 17U, 4096U})
      EXPECT_TRUE(decode_in_pieces(data, piece) == whole)
        << size << " by " << piece;
  }
}

TEST(gzip_decoder, takes_members_that_follow_each_other) {
  // RFC 1952 section 2.2.
  auto data = gzip("ab", 6) + gzip("", 6) + gzip("cd", 6);
  for (std::size_t piece : {1U, 3U, 1000U}) {
    auto x = decode_in_pieces(data, piece);
    EXPECT_EQ(x.text, "abcd");
    EXPECT_TRUE(x.complete);
  }
}

TEST(gzip_decoder, recognises_data_that_is_not_gzip) {
  auto data = gzip(packable(1000), 6);
  auto damaged = data;
  damaged[data.size() - 8] = static_cast<char>(~damaged[data.size() - 8]);
  for (const auto& x : {std::string{"{\"a\":1}"}, damaged, data + "garbage"})
    for (std::size_t piece : {1U, 1000U})
      EXPECT_EQ(decode_in_pieces(x, piece).last,
                gzip_decoder::verdict::corrupt);
}

TEST(gzip_decoder, tells_what_is_cut_off) {
  auto data = gzip(packable(1000), 6);
  for (auto n : {1UL, 9UL, 10UL, 100UL, data.size() - 1}) {
    auto x = decode_in_pieces(std::string_view{data}.substr(0, n), 1000);
    EXPECT_EQ(x.last, gzip_decoder::verdict::more) << n;
    EXPECT_FALSE(x.complete) << n;
  }
  EXPECT_FALSE(decode_in_pieces("", 1).complete);
}

TEST(gzip_decoder, bounds_how_dense_large_data_may_be) {
  auto fine = gzip(std::string(gzip_decoder::free_bytes, 'x'), 9);
  EXPECT_TRUE(decode_in_pieces(fine, fine.size()).complete);
  auto bomb = gzip(std::string(32 * gzip_decoder::free_bytes, 'x'), 9);
  for (std::size_t piece : {100U, 1'000'000U}) {
    auto x = decode_in_pieces(bomb, piece);
    EXPECT_EQ(x.last, gzip_decoder::verdict::too_dense);
    EXPECT_LT(x.text.size(), 5 * gzip_decoder::free_bytes);
  }
}

} // namespace

} // namespace troupe
