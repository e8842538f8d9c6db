#include "troupe/actors/routing/dispatch.hpp"
#include "troupe/actors/routing/routing_plan.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

using namespace troupe;

namespace {

route_target target_of(std::string owner) {
  route_target result;
  result.owner = std::move(owner);
  return result;
}

class dispatch_test : public deterministic_system {
protected:
  dispatch_test() {
    target.owner = "m";
    target.pool = own(sys.spawn(scripted_pool, told, nullptr));
    target.admission = std::make_shared<troupe::admission>(1);
    target.state = std::make_shared<model_state>("m", true, 1);
    be(model_phase::ready);
  }

  void be(model_phase x) {
    board.update(*target.state, x, 1);
  }

  std::optional<failure> send(const exchange_ptr& ex) {
    auto taken = ex;
    auto result = dispatch(target, taken, nullptr);
    EXPECT_EQ(taken != nullptr, result.has_value());
    run();
    return result;
  }

  status_board board;
  notes told = make_notes();
  route_target target;
};

} // namespace

TEST_F(dispatch_test, find_model_knows_pools_only) {
  routing_plan plan;
  plan.targets = {{}, target_of("spec"), target};
  auto x = plan.build(1);
  ASSERT_NE(x->find_model("m"), nullptr);
  EXPECT_EQ(x->find_model("m")->pool, target.pool);
  EXPECT_EQ(x->find_model("spec"), nullptr);
  EXPECT_EQ(x->find_model(""), nullptr);
}

TEST_F(dispatch_test, hands_an_exchange_to_the_pool_with_a_ticket) {
  auto ex = ask("{}", "a");
  EXPECT_FALSE(send(ex));
  EXPECT_EQ(*told, std::vector<std::string>{"exchange a"});
  EXPECT_TRUE(ex->ticket);
  EXPECT_EQ(target.admission->taken(), 1u);
}

TEST_F(dispatch_test, takes_requests_while_a_worker_restarts) {
  be(model_phase::restarting);
  EXPECT_FALSE(send(ask()));
}

TEST_F(dispatch_test, refuses_when_the_model_is_not_ready) {
  for (auto phase : {model_phase::loading, model_phase::failed}) {
    be(phase);
    auto ex = ask();
    auto why = send(ex);
    ASSERT_TRUE(why);
    EXPECT_EQ(why->effective_status(), 503);
    EXPECT_EQ(why->effective_detail(), phase == model_phase::loading
                                         ? "Model m is loading"
                                         : "Model m failed");
    EXPECT_FALSE(ex->ended());
    EXPECT_FALSE(ex->ticket);
  }
  EXPECT_TRUE(told->empty());
  EXPECT_EQ(target.admission->taken(), 0u);
}

TEST_F(dispatch_test, asks_for_permission_before_it_gives_a_ticket) {
  target.authorize = [](exchange& ex) -> std::optional<failure> {
    if (ex.request.header("X-Who") == "me")
      return std::nullopt;
    return make_failure(errc::unauthorized);
  };
  auto stranger = ask();
  auto why = send(stranger);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->effective_status(), 401);
  EXPECT_FALSE(stranger->ended());
  EXPECT_EQ(target.admission->taken(), 0u);
  EXPECT_TRUE(told->empty());
  auto known = ask("{}", "a");
  known->request.headers.add("X-Who", "me");
  EXPECT_FALSE(send(known));
  // The bound is reached, and a stranger is still refused as one.
  EXPECT_EQ(send(ask())->effective_status(), 401);
}

TEST_F(dispatch_test, refuses_when_the_bound_is_reached) {
  auto first = ask();
  EXPECT_FALSE(send(first));
  auto second = ask();
  auto why = send(second);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, errc::overloaded);
  EXPECT_EQ(why->headers.find("Retry-After"), "1");
  EXPECT_FALSE(second->ended());
  EXPECT_EQ(told->size(), 1u);
  EXPECT_EQ(target.admission->taken(), 1u);
  first->ticket.release();
  EXPECT_FALSE(send(second));
}

TEST_F(dispatch_test, an_empty_target_is_not_found) {
  exchange_ptr ex = ask();
  auto why = dispatch(route_target{}, ex, nullptr);
  ASSERT_TRUE(why);
  EXPECT_EQ(why->code, errc::not_found);
}

TEST_F(dispatch_test, what_an_io_thread_read_goes_to_its_own_pool) {
  auto other = make_notes();
  target.pool = sharded{std::vector<queue_actor>{
    target.pool.of(0), own(sys.spawn(scripted_pool, other, nullptr))}};
  target.admission = nullptr;
  for (std::uint32_t shard : {0, 1, 1}) {
    auto ex = ask("{}", std::to_string(shard));
    ex->shard = shard;
    EXPECT_FALSE(send(ex));
  }
  EXPECT_EQ(*told, std::vector<std::string>{"exchange 0"});
  EXPECT_EQ(*other, (std::vector<std::string>{"exchange 1", "exchange 1"}));
  sweep(target, 1, nullptr);
  run();
  EXPECT_EQ(told->back(), "exchange 0");
  EXPECT_EQ(other->back(), "sweep");
}

TEST_F(dispatch_test, nobody_is_told_of_a_built_in) {
  sweep(route_target{}, 0, nullptr);
  run();
  EXPECT_TRUE(told->empty());
}

TEST_F(dispatch_test, says_when_to_come_again) {
  target.admission = std::make_shared<troupe::admission>(0);
  target.admission->backlog(std::chrono::milliseconds{6500});
  auto refusal = send(ask("{}", "a"));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->headers.find("Retry-After"), "7");
}
