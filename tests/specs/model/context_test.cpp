#include "troupe/specs/model/context.hpp"
#include "troupe/specs/model/model.hpp"
#include "troupe/tests/support/fake_model.hpp"

#include <gtest/gtest.h>

using namespace troupe;
using namespace std::chrono_literals;

TEST(context, shows_the_request_that_it_works_for) {
  auto ex = ask("[1]", "id-7");
  ex->request.headers = {{"X-A", "1"}};
  ex->request.params = {{"name", "m"}};
  ex->time.lower_deadline(deadline_clock::time_point{1h});
  worker_slot slot;
  slot.index = 3;
  context ctx{*ex, &slot};
  EXPECT_EQ(&ctx.request(), &ex->request);
  EXPECT_EQ(ctx.header("x-a"), "1");
  EXPECT_EQ(ctx.header("x-b"), "");
  EXPECT_EQ(ctx.param("name"), "m");
  EXPECT_EQ(ctx.param("other"), "");
  EXPECT_EQ(ctx.deadline(), ex->time.due());
  EXPECT_EQ(ctx.request_id(), "id-7");
  EXPECT_EQ(ctx.worker(), 3u);
}

TEST(context, sees_a_cancellation_that_comes_later) {
  auto ex = ask();
  context ctx{*ex};
  EXPECT_FALSE(ctx.cancelled());
  ex->cancel();
  EXPECT_TRUE(ctx.cancelled());
  EXPECT_EQ(ctx.worker(), 0u);
}

TEST(context, logs_no_value_that_is_nested_too_deeply_to_be_copied) {
  auto ex = ask();
  worker_slot slot;
  int logged = 0;
  slot.values = [&](auto, auto, const auto&) { ++logged; };
  context ctx{*ex, &slot};
  nlohmann::json deep = 1;
  ctx.log("k", deep);
  for (int i = 0; i < 200'000; ++i) {
    auto outer = nlohmann::json::array();
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  EXPECT_THROW(ctx.log("k", deep), std::domain_error);
  EXPECT_EQ(logged, 1);
}
