#include "troupe/specs/model/outputs/stream.hpp"
#include "troupe/tests/support/fake_model.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

payload doubled(int x) {
  return nlohmann::json(2 * x);
}

/// Fails the exchange as a loop does.
stream<int>::fail_function failing(exchange& ex) {
  return [&ex](const std::exception_ptr& why) {
    try {
      std::rethrow_exception(why);
    } catch (...) {
      std::string text;
      ex.fail(failure_from_current_exception(text));
    }
  };
}

} // namespace

TEST(stream, encodes_each_item_on_its_way) {
  auto ex = ask();
  stream<int> out{*ex, doubled, failing(*ex)};
  EXPECT_TRUE(out.write(1));
  EXPECT_TRUE(out.write(2));
  ASSERT_EQ(ex->items.size(), 2u);
  EXPECT_EQ(*ex->items[0].json(), 2);
  EXPECT_EQ(*ex->items[1].json(), 4);
}

TEST(stream, stops_when_nobody_reads) {
  auto ex = ask();
  bool encoded = false;
  stream<int> out{*ex,
                  [&](int) {
                    encoded = true;
                    return payload{};
                  },
                  failing(*ex)};
  ex->cancel();
  EXPECT_TRUE(out.cancelled());
  EXPECT_FALSE(out.write(1));
  EXPECT_FALSE(encoded);
  EXPECT_TRUE(ex->items.empty());
}

TEST(stream, stops_when_the_exchange_has_ended) {
  auto ex = ask();
  stream<int> out{*ex, doubled, failing(*ex)};
  ex->fail(make_failure(errc::deadline_exceeded));
  EXPECT_FALSE(out.write(1));
}

TEST(stream, ends_alone_when_an_item_cannot_be_encoded) {
  auto ex = ask();
  stream<int> out{*ex, [](int) -> payload { throw http_error(418); },
                  failing(*ex)};
  EXPECT_FALSE(out.write(1));
  EXPECT_TRUE(out.done());
  ASSERT_TRUE(ex->error);
  EXPECT_EQ(ex->error->effective_status(), 418);
}

TEST(stream, lets_no_worker_live_on_that_is_broken) {
  auto ex = ask();
  stream<int> out{*ex, [](int) -> payload { throw worker_fatal("broken"); },
                  failing(*ex)};
  EXPECT_THROW(out.write(1), worker_fatal);
}

TEST(stream, can_end_before_the_others) {
  auto ex = ask();
  stream<int> out{*ex, doubled, failing(*ex)};
  out.finish();
  EXPECT_TRUE(out.done());
  EXPECT_FALSE(out.write(1));
  EXPECT_TRUE(ex->answer);
}
