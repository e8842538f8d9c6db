#include "troupe/http/wire/codings.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

int transfer_status(std::initializer_list<const char*> values) {
  header_map headers;
  for (const auto* x : values)
    headers.add("Transfer-Encoding", x);
  auto why = check_transfer_coding(headers);
  return why ? why->effective_status() : 0;
}

TEST(check_transfer_coding, takes_chunked_alone) {
  EXPECT_EQ(transfer_status({"chunked"}), 0);
  EXPECT_EQ(transfer_status({" CHUNKED\t"}), 0);
}

TEST(check_transfer_coding, follows_rfc_9112_sections_6_1_and_6_3) {
  for (auto* x :
       {"", ",", "gzip", "identity", "chunked,", ",chunked", "chunked, gzip",
        "chunked, chunked", "chunked, gzip, chunked", "xchunked", "chunked;a"})
    EXPECT_EQ(transfer_status({x}), 400) << x;
  for (auto* x : {"gzip, chunked", "a, b, chunked", "identity, chunked"})
    EXPECT_EQ(transfer_status({x}), 501) << x;
  EXPECT_EQ(transfer_status({"gzip", "chunked"}), 501);
  EXPECT_EQ(transfer_status({"chunked", "chunked"}), 400);
  EXPECT_EQ(transfer_status({"chunked", ""}), 400);
}

TEST(expectation_of, knows_one) {
  auto of = [](const char* x) { return expectation_of({{"Expect", x}}); };
  EXPECT_EQ(expectation_of({}), expectation::none);
  EXPECT_EQ(of(""), expectation::none);
  EXPECT_EQ(of("100-Continue"), expectation::continue_100);
  EXPECT_EQ(of("100-continue, tea"), expectation::unknown);
  EXPECT_EQ(of("100"), expectation::unknown);
}

TEST(content_coding_of, knows_gzip_once) {
  auto of = [](const char* x) {
    return content_coding_of({{"Content-Encoding", x}});
  };
  EXPECT_EQ(content_coding_of({}), content_coding::identity);
  for (auto* x : {"", "identity", "identity, IDENTITY"})
    EXPECT_EQ(of(x), content_coding::identity) << x;
  for (auto* x : {"gzip", "x-gzip", "GZip", "identity,gzip", ",gzip,"})
    EXPECT_EQ(of(x), content_coding::gzip) << x;
  for (auto* x : {"br", "deflate", "gzip, gzip", "br, gzip", "gzip;q=1"})
    EXPECT_EQ(of(x), content_coding::unsupported) << x;
  EXPECT_EQ(content_coding_of(
              {{"Content-Encoding", "gzip"}, {"Content-Encoding", "gzip"}}),
            content_coding::unsupported);
}

TEST(unsupported_coding, names_what_is_supported) {
  auto why = unsupported_coding();
  EXPECT_EQ(why.effective_status(), 415);
  EXPECT_EQ(why.headers.find("Accept-Encoding"), "gzip");
}

} // namespace

} // namespace troupe
