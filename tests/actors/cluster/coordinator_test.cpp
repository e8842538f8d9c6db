#include "troupe/actors/cluster/secret.hpp"
#include "troupe/tests/actors/cluster/coordinator_fixture.hpp"

using namespace troupe;

namespace {

using coordinator_test = coordinator_fixture;

} // namespace

// -- who may join -------------------------------------------------------------

TEST_F(coordinator_test, takes_a_node_and_gives_its_models_workers) {
  EXPECT_EQ(hello().protocol, cluster_protocol);
  EXPECT_EQ(hello().version, "9.9");
  auto x = node_called("box", {offer_of("m"), offer_of("n", false)});
  x.labels = {"big", "gpu", "other"};
  EXPECT_EQ(join(x).refused, strings{});
  ASSERT_EQ(order_count(), 1U) << "n is not ready there";
  EXPECT_EQ(orders->orders[0]->model, "m");
  adopt(0);
  EXPECT_EQ(*told, (strings{"ready k0", "join 0"}));
  EXPECT_EQ(lines, strings{"node box has joined with m, n"});
}

TEST_F(coordinator_test, refuses_another_protocol) {
  auto x = node_called("box", {offer_of("m")});
  x.protocol = 7;
  x.version = "0.1";
  EXPECT_EQ(refusal(x),
            strings{"the node speaks version 7 of the cluster's protocol "
                    "(Troupe 0.1), the front version 1 (Troupe 9.9); run the "
                    "same version"});
  EXPECT_EQ(order_count(), 0U);
}

TEST_F(coordinator_test, asks_for_the_secret) {
  start("what only they know");
  const strings wrong{
    "the node's secret is not the front's; see cluster.secret_env"};
  auto x = node_called("box", {offer_of("m")});
  EXPECT_EQ(refusal(x), wrong) << "it does not sign";
  x.nonce = hello().nonce;
  x.proof = sign("another one", x.nonce, "box");
  EXPECT_EQ(refusal(x), wrong);
  x.proof = sign("what only they know", x.nonce, "box");
  EXPECT_EQ(refusal(x), wrong) << "the nonce was used";
  x.nonce = std::string(64, '0');
  x.proof = sign("what only they know", x.nonce, "box");
  EXPECT_EQ(refusal(x), wrong) << "a nonce of its own";
  x.nonce = hello().nonce;
  x.proof = sign("what only they know", x.nonce, "other");
  EXPECT_EQ(refusal(x), wrong) << "the proof of another one";
  x.proof = sign("what only they know", x.nonce, "box");
  EXPECT_EQ(refusal(x), wrong) << "the nonce was used";
  x.nonce = hello().nonce;
  x.proof = sign("what only they know", x.nonce, "box");
  EXPECT_EQ(refusal(x), strings{});
  EXPECT_EQ(join(x).refused, wrong) << "somebody has seen it";
}

TEST_F(coordinator_test, forgets_the_oldest_of_many_challenges) {
  start("s");
  auto x = node_called("box", {offer_of("m")});
  x.nonce = hello().nonce;
  x.proof = sign("s", x.nonce, "box");
  for (int i = 0; i < 256; ++i)
    EXPECT_NE(hello().nonce, x.nonce);
  EXPECT_EQ(refusal(x).size(), 1U);
}

TEST_F(coordinator_test, says_everything_that_is_wrong_with_the_models) {
  auto x = node_called("box", {offer_of("x"), offer_of("local"), offer_of("n"),
                               offer_of("m"), offer_of("m")});
  x.labels = {"gpu"};
  EXPECT_EQ(
    refusal(x),
    (strings{"model x: the front has no model of this name; add it to the "
             "front's config, "
             "e.g. with the type \"node\"",
             "model local: the front does not let nodes serve it; set its "
             "nodes.enabled there",
             "model n: the front wants nodes with the label big",
             "model m is offered twice, or without an actor"}));
  EXPECT_EQ(lines.size(), 4U);
  EXPECT_EQ(order_count(), 0U) << "it is in or out as a whole";
}

TEST_F(coordinator_test, refuses_what_nobody_answers_for) {
  auto x = node_called("box", {offer_of("m")});
  x.models[0].model = nullptr;
  EXPECT_EQ(refusal(x),
            strings{"model m is offered twice, or without an actor"});
  auto y = node_called("box", {offer_of("m")});
  y.node = nullptr;
  EXPECT_EQ(refusal(y), strings{"the node has no actor"});
}

TEST_F(coordinator_test, refuses_other_inputs_than_those_of_the_front) {
  plan.targets[1].schema = R"({"in":1})";
  cell->store(plan.build(2));
  auto x = node_called("box", {offer_of("m")});
  x.models[0].facts.schema = R"({"in":2})";
  EXPECT_EQ(refusal(x), strings{"model m: its inputs and outputs are not those "
                                "that are served: {\"in\":2} instead of "
                                "{\"in\":1}"});
  x.models[0].facts.schema = R"({"in":1})";
  EXPECT_EQ(refusal(x), strings{});
}

TEST_F(coordinator_test, refuses_other_inputs_than_those_of_another_node) {
  auto x = node_called("a", {offer_of("m")});
  x.models[0].facts.schema = "1";
  EXPECT_EQ(refusal(x), strings{});
  auto y = node_called("b", {offer_of("m")});
  y.models[0].facts.schema = "2";
  EXPECT_EQ(refusal(y).size(), 1U);
  kill(x.node);
  EXPECT_EQ(refusal(y), strings{});
}

TEST_F(coordinator_test, a_name_that_is_taken_may_be_free_later) {
  auto first = node_called("box", {offer_of("m")});
  join(first);
  auto second = node_called("box", {offer_of("m")});
  auto verdict = join(second);
  EXPECT_EQ(verdict.refused,
            strings{"a node called box is in the cluster already; names are "
                    "unique, see cluster.name"});
  EXPECT_TRUE(verdict.try_again);
  kill(first.node);
  EXPECT_EQ(join(second).refused, strings{});
}

TEST_F(coordinator_test,
       a_node_that_has_not_heard_that_it_is_in_may_ask_again) {
  auto x = node_called("box", {offer_of("m")});
  join(x);
  adopt(0);
  EXPECT_EQ(join(x).refused, strings{});
  EXPECT_EQ(order_count(), 1U);
  kill(x.node);
  EXPECT_TRUE(*ends[0]);
}
