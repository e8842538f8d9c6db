#include "troupe/actors/status/admit.hpp"
#include "troupe/actors/status/status_board.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(admit, refuses_what_is_for_a_model_that_is_not_ready) {
  EXPECT_FALSE(refusal_of(nullptr));
  status_board board;
  auto state = std::make_shared<model_state>("m", true, 1);
  board.add(state);
  auto why = refusal_of(state.get());
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, errc::not_ready);
  EXPECT_EQ(why->detail, "Model m is loading");
  board.update(*state, model_phase::ready, 1);
  EXPECT_FALSE(refusal_of(state.get()));
}

TEST(admit, gives_as_many_places_as_there_are) {
  auto bound = std::make_shared<admission>(1);
  auto first = make_sink<recording_exchange>();
  auto second = make_sink<recording_exchange>();
  EXPECT_FALSE(take_place(bound, *first, 0));
  auto why = take_place(bound, *second, 0);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, errc::overloaded);
  EXPECT_TRUE(why->headers.find("Retry-After"));
  EXPECT_FALSE(take_place(nullptr, *second, 0));
  first->ticket = {};
  EXPECT_FALSE(take_place(bound, *second, 0));
  first->finish();
  second->finish();
}

} // namespace

} // namespace troupe
