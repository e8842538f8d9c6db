#include "troupe/actors/pool/input_mark.hpp"
#include "troupe/tests/actors/pool_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class pool_failure_test : public pool_fixture {
protected:
  void fail(std::string why) {
    tell(tested, atom::fail_v, std::move(why));
    run();
  }

  void reclaim(std::uint32_t index) {
    tell(tested, atom::reclaim_v, worker_index{index});
    run();
  }

  void end(const recording_ptr& ex) {
    ex->abandon(make_failure(errc::deadline_exceeded));
    tell(tested, atom::sweep_v);
    run();
  }
};

} // namespace

TEST_F(pool_failure_test, refuses_what_waits_and_finishes_what_runs) {
  start(1);
  auto running = submit("a");
  auto waiting = submit("b");
  fail("Model m failed: no memory");
  EXPECT_EQ(outcome_of(*waiting), R"(not_ready: "Model m failed: no memory")");
  EXPECT_EQ(outcome_of(*running), "open");
  EXPECT_EQ(outcome_of(*submit("c")),
            R"(not_ready: "Model m failed: no memory")");
  EXPECT_FALSE(running->cancelled());
  for (auto& ex : workers[0].notes->held)
    ex->finish(json_reply("ok"));
  EXPECT_EQ(outcome_of(*running), ok);
}

TEST_F(pool_failure_test, is_over_when_a_worker_joins) {
  start(0);
  fail("gone");
  join(0);
  submit("a");
  EXPECT_EQ(got(0), (batches{{"a"}}));
}

TEST_F(pool_failure_test, takes_back_what_a_replaced_worker_had_not_begun) {
  start(0);
  auto admission = std::make_shared<troupe::admission>(10);
  join(0, 3);
  auto ended = ask("{}", "ended");
  ended->ticket = admission_ticket{admission};
  submit(ended);
  auto b = submit("b");
  auto c = submit("c");
  end(ended);
  reclaim(0);
  EXPECT_EQ(admission->taken(), 0u);
  EXPECT_EQ(status().queued, 2u);
  EXPECT_EQ(status().workers, 0u);
  // The old one's end is no news.
  kill_worker(0);
  join(0);
  EXPECT_EQ(got(0), (batches{{"b"}}));
  finish(0);
  finish(0);
  EXPECT_EQ(outcome_of(*b), ok);
  EXPECT_EQ(outcome_of(*c), ok);
}

TEST_F(pool_failure_test,
       a_drain_waits_only_for_requests_that_somebody_waits_for) {
  start(2);
  auto left = submit("left");
  auto late = submit("late");
  auto drained = drain(true);
  EXPECT_FALSE(drained->value);
  end(late);
  EXPECT_FALSE(drained->value);
  left->cancel();
  tell(tested, atom::sweep_v);
  run();
  EXPECT_TRUE(drained->value);
}

TEST_F(pool_failure_test, an_input_of_which_workers_die_is_refused_a_while) {
  start(1);
  auto poison = ask("die", "x");
  tell(tested, atom::shun_v, input_mark(poison->request), caf::timespan{1s});
  run();
  submit(poison);
  EXPECT_EQ(outcome_of(*poison),
            R"(worker_died: "Workers died of this input; it is not tried )"
            R"(again for a while")");
  submit("other");
  EXPECT_EQ(got(0), (batches{{"other"}}));
  finish(0);
  advance(1s);
  submit(ask("die", "again"));
  EXPECT_EQ(got(0), (batches{{"other"}, {"again"}}));
}
