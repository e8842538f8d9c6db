#include "troupe/actors/status/model_state.hpp"
#include "troupe/actors/status/status_board.hpp"

#include <gtest/gtest.h>

using namespace troupe;

TEST(model_state, accepts_while_it_is_ready_or_soon_again) {
  status_board board;
  auto x = std::make_shared<model_state>("a", true, 1);
  EXPECT_FALSE(x->accepts());
  board.update(*x, model_phase::ready, 1);
  EXPECT_TRUE(x->accepts());
  EXPECT_EQ(x->ready_workers(), 1u);
  board.update(*x, model_phase::restarting, 0);
  EXPECT_TRUE(x->accepts());
  EXPECT_EQ(x->ready_workers(), 0u);
  board.update(*x, model_phase::failed, 0);
  EXPECT_FALSE(x->accepts());
}

TEST(model_state, pending_is_what_its_admission_let_in) {
  auto admission = std::make_shared<troupe::admission>(2);
  model_state x{"a", true, 1, admission};
  EXPECT_EQ(x.pending(), 0u);
  admission_ticket ticket{admission};
  EXPECT_EQ(x.pending(), 1u);
  EXPECT_EQ((model_state{"b", true, 1}.pending()), 0u);
}

TEST(model_state, phases_have_names) {
  EXPECT_EQ(to_string(model_phase::loading), "loading");
  EXPECT_EQ(to_string(model_phase::failed), "failed");
}
