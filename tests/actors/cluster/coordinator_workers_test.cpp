// The workers that CLUSTER asks for, and the ends of nodes.
#include "troupe/tests/actors/cluster/coordinator_fixture.hpp"

#include <algorithm>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

using cluster_workers_test = coordinator_fixture;

} // namespace

// -- a node's models ----------------------------------------------------------

TEST_F(cluster_workers_test, a_model_that_becomes_ready_gets_a_worker) {
  auto x = node_called("box", {offer_of("m", false)});
  join(x);
  EXPECT_EQ(order_count(), 0U);
  update(x, offer_of("m"));
  ASSERT_EQ(order_count(), 1U);
  update(x, offer_of("m"));
  EXPECT_EQ(order_count(), 1U) << "one is on its way";
  adopt(0);
  update(x, offer_of("m"));
  EXPECT_EQ(order_count(), 1U);
  update(x, offer_of("other"));
  EXPECT_EQ(order_count(), 1U) << "that was not offered";
}

TEST_F(cluster_workers_test, a_model_that_is_not_ready_any_more_has_none) {
  auto x = node_called("box", {offer_of("m")});
  join(x);
  adopt(0);
  update(x, offer_of("m", false));
  EXPECT_TRUE(*ends[0]);
  EXPECT_EQ(order_count(), 1U);
  advance(1s);
  EXPECT_EQ(order_count(), 1U);
  update(x, offer_of("m"));
  EXPECT_EQ(order_count(), 2U);
}

TEST_F(cluster_workers_test,
       one_that_comes_when_it_is_not_wanted_leaves_again) {
  auto x = node_called("box", {offer_of("m")});
  join(x);
  update(x, offer_of("m", false));
  adopt(0);
  EXPECT_TRUE(*ends[0]);
  EXPECT_EQ(order_count(), 1U);
}

TEST_F(cluster_workers_test,
       a_new_capacity_is_a_new_worker_before_the_old_leaves) {
  auto x = node_called("box", {offer_of("m")});
  join(x);
  adopt(0);
  update(x, offer_of("m", true, 9));
  ASSERT_EQ(order_count(), 2U);
  EXPECT_FALSE(*ends[0]);
  adopt(1);
  EXPECT_TRUE(*ends[0]);
  EXPECT_FALSE(*ends[1]);
  EXPECT_EQ(order_count(), 2U);
}

TEST_F(cluster_workers_test, a_capacity_that_changes_meanwhile_is_not_missed) {
  auto x = node_called("box", {offer_of("m")});
  join(x);
  update(x, offer_of("m", true, 9));
  EXPECT_EQ(order_count(), 1U);
  adopt(0);
  ASSERT_EQ(order_count(), 2U);
  adopt(1);
  EXPECT_EQ(order_count(), 2U);
  EXPECT_TRUE(*ends[0]);
}

TEST_F(cluster_workers_test, an_update_changes_no_actor) {
  auto x = node_called("box", {offer_of("m", false)});
  join(x);
  auto y = offer_of("m");
  y.model = nullptr;
  update(x, y);
  ASSERT_EQ(order_count(), 1U);
  adopt(0);
  EXPECT_FALSE(*ends[0]);
  auto stranger = node_called("stranger", {});
  update(stranger, offer_of("m", false));
  EXPECT_FALSE(*ends[0]);
}

TEST_F(cluster_workers_test, a_worker_that_fails_is_replaced_after_a_while) {
  auto x = node_called("box", {offer_of("m")});
  join(x);
  kill(adopt(0));
  EXPECT_EQ(order_count(), 1U);
  advance(999ms);
  EXPECT_EQ(order_count(), 1U);
  advance(1ms);
  EXPECT_EQ(order_count(), 2U);
  kill(adopt(1));
  advance(1s);
  EXPECT_EQ(order_count(), 3U);
}

TEST_F(cluster_workers_test, a_worker_that_cannot_be_made_is_tried_again) {
  auto x = node_called("box", {offer_of("m")});
  join(x);
  refuse_adoption(0);
  advance(1s);
  refuse_adoption(1);
  advance(1s);
  adopt(2);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "node box cannot serve: no"),
            1);
  advance(10s);
  EXPECT_EQ(order_count(), 3U);
}

// -- ends ---------------------------------------------------------------------

TEST_F(cluster_workers_test, the_loss_of_a_node_ends_its_workers) {
  auto x = node_called("a", {offer_of("m")});
  auto y = node_called("b", {offer_of("m")});
  join(x);
  join(y);
  adopt(0);
  adopt(1);
  kill(x.node);
  EXPECT_TRUE(*ends[0]);
  EXPECT_FALSE(*ends[1]);
  EXPECT_TRUE(lines.back().starts_with("node a is lost: ")) << lines.back();
  advance(2s);
  EXPECT_EQ(order_count(), 2U);
}

TEST_F(cluster_workers_test, a_worker_that_comes_after_its_node_was_lost_ends) {
  auto x = node_called("box", {offer_of("m")});
  join(x);
  kill(x.node);
  adopt(0);
  EXPECT_TRUE(*ends[0]);
}

TEST_F(cluster_workers_test, a_node_that_leaves_hears_when_nothing_is_in_work) {
  auto x = node_called("box", {offer_of("m")});
  join(x);
  auto worker = adopt(0);
  tell(worker, exchange_ptr{ask()});
  run();
  auto left = leave(x);
  EXPECT_FALSE(left->value);
  update(x, offer_of("m"));
  EXPECT_EQ(order_count(), 1U);
  tell(caf::actor_cast<remote_worker_actor>(worker), atom::deliver_v,
       call_id{1}, to_answer(json_reply("ok")));
  run();
  EXPECT_TRUE(left->value);
  EXPECT_TRUE(*ends[0]);
  EXPECT_TRUE(leave(x)->value);
  kill(x.node);
  EXPECT_EQ(lines.back(), "node box has left");
  EXPECT_TRUE(leave(x)->value) << "one that is not in has left";
}

TEST_F(cluster_workers_test, a_node_that_leaves_waits_for_what_is_on_its_way) {
  auto x = node_called("box", {offer_of("m")});
  join(x);
  auto left = leave(x);
  EXPECT_FALSE(left->value);
  adopt(0);
  EXPECT_TRUE(*ends[0]);
  EXPECT_TRUE(left->value);
}

TEST_F(cluster_workers_test,
       a_node_that_leaves_does_not_wait_for_what_never_comes) {
  auto x = node_called("box", {offer_of("m")});
  join(x);
  auto left = leave(x);
  refuse_adoption(0);
  EXPECT_TRUE(left->value);
  advance(2s);
  EXPECT_EQ(order_count(), 1U);
}
