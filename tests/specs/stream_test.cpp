#include "troupe/specs/stream.hpp"
#include "troupe/tests/support/fake_model.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

payload doubled(int x) {
  return nlohmann::json(2 * x);
}

} // namespace

TEST(stream, encodes_each_item_on_its_way) {
  auto ex = ask();
  stream<int> out{*ex, doubled};
  EXPECT_TRUE(out.write(1));
  EXPECT_TRUE(out.write(2));
  ASSERT_EQ(ex->items.size(), 2u);
  EXPECT_EQ(*ex->items[0].json(), 2);
  EXPECT_EQ(*ex->items[1].json(), 4);
}

TEST(stream, stops_when_nobody_reads) {
  auto ex = ask();
  bool encoded = false;
  stream<int> out{*ex, [&](int) {
                    encoded = true;
                    return payload{};
                  }};
  ex->cancel();
  EXPECT_TRUE(out.cancelled());
  EXPECT_FALSE(out.write(1));
  EXPECT_FALSE(encoded);
  EXPECT_TRUE(ex->items.empty());
}

TEST(stream, stops_when_the_exchange_has_ended) {
  auto ex = ask();
  stream<int> out{*ex, doubled};
  ex->fail(make_failure(errc::deadline_exceeded));
  EXPECT_FALSE(out.write(1));
}

TEST(stream, what_the_encoder_throws_goes_to_the_writer) {
  auto ex = ask();
  stream<int> out{*ex, [](int) -> payload { throw http_error(418); }};
  EXPECT_THROW(out.write(1), http_error);
  EXPECT_FALSE(ex->begun());
}
