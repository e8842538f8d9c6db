#include "troupe/actors/pool/worker_watch.hpp"
#include "troupe/tests/support/fake_model.hpp"

#include <gtest/gtest.h>

using namespace troupe;

namespace {

struct worker_watch_test : testing::Test {
  worker_watch tested;
  std::vector<exchange_ptr> batch{ask(), ask()};
  std::vector<exchange_ptr> open;
};

} // namespace

TEST_F(worker_watch_test, knows_a_call_that_nobody_waits_for) {
  EXPECT_EQ(tested.deserted(), 0u) << "outside";
  open.push_back(ask());
  tested.enter(batch, open);
  EXPECT_EQ(tested.deserted(), 0u);
  batch[0]->finish();
  batch[1]->cancel();
  EXPECT_EQ(tested.deserted(), 0u) << "what is open is waited for";
  open[0]->abandon(make_failure(errc::deadline_exceeded));
  auto call = tested.deserted();
  EXPECT_NE(call, 0u);
  EXPECT_TRUE(tested.leave());
  EXPECT_EQ(tested.deserted(), 0u);
  tested.enter(batch, open);
  EXPECT_NE(tested.deserted(), call) << "another call";
}

TEST_F(worker_watch_test, judges_no_setup) {
  tested.enter();
  EXPECT_EQ(tested.deserted(), 0u);
  EXPECT_TRUE(tested.leave());
}

TEST_F(worker_watch_test, shows_whether_the_worker_is_in_a_call) {
  EXPECT_FALSE(tested.look().inside);
  EXPECT_EQ(tested.look().calls, 0u);
  tested.enter(batch, open);
  EXPECT_TRUE(tested.look().inside);
  EXPECT_EQ(tested.look().calls, 1u);
  EXPECT_TRUE(tested.leave());
  EXPECT_FALSE(tested.look().inside);
  EXPECT_EQ(tested.look().calls, 1u);
}

TEST_F(worker_watch_test, replaces_in_that_call_only) {
  batch.clear();
  tested.enter(batch, open);
  auto call = tested.deserted();
  EXPECT_TRUE(tested.leave());
  EXPECT_FALSE(tested.replace(call));
  EXPECT_FALSE(tested.replace(0));
  tested.enter(batch, open);
  EXPECT_FALSE(tested.replace(call));
  EXPECT_TRUE(tested.replace(tested.deserted()));
  EXPECT_TRUE(tested.replaced());
  EXPECT_EQ(tested.deserted(), 0u) << "no more";
  EXPECT_FALSE(tested.leave());
}

TEST_F(worker_watch_test, tells_the_model_once_that_nobody_needs_it) {
  int told = 0;
  tested.on_interrupt([&] { ++told; });
  tested.interrupt();
  EXPECT_EQ(told, 1);
  tested.on_interrupt(nullptr);
  tested.interrupt();
  EXPECT_EQ(told, 1);
  tested.on_interrupt([&] { ++told; });
  EXPECT_EQ(told, 2) << "it was said before";
}
