#include "troupe/tests/actors/pool_fixture.hpp"

using namespace troupe;

namespace {

class pool_retire_test : public pool_fixture {
protected:
  answer_ptr<atom::drained> retire(std::uint32_t index) {
    auto result =
      post<atom::drained>(tested, atom::retire_v, worker_index{index});
    run();
    return result;
  }
};

} // namespace

TEST_F(pool_retire_test, a_worker_without_work_may_go_at_once) {
  start(2);
  EXPECT_TRUE(retire(1)->value);
  submit("a");
  submit("b");
  EXPECT_EQ(got(1), batches{}) << "it is given nothing";
  EXPECT_TRUE(retire(7)->value) << "nobody sits there";
}

TEST_F(pool_retire_test, a_busy_one_when_its_call_is_over) {
  start(1);
  auto a = submit("a");
  auto b = submit("b");
  auto gone = retire(0);
  EXPECT_FALSE(gone->value);
  finish(0);
  EXPECT_TRUE(gone->value);
  EXPECT_EQ(outcome_of(*a), ok);
  EXPECT_EQ(outcome_of(*b), "open") << "it waits for another worker";
  join(1);
  finish(1);
  EXPECT_EQ(outcome_of(*b), ok);
}

TEST_F(pool_retire_test, one_with_several_calls_after_the_last) {
  start(0);
  join(0, 3);
  submit("a");
  submit("b");
  auto gone = retire(0);
  tell(tested, atom::idle_v, worker_index{0});
  run();
  EXPECT_FALSE(gone->value);
  tell(tested, atom::idle_v, worker_index{0});
  run();
  EXPECT_TRUE(gone->value);
}

TEST_F(pool_retire_test, one_that_dies_meanwhile_is_gone) {
  start(1);
  auto a = submit("a");
  auto gone = retire(0);
  kill_worker(0);
  EXPECT_TRUE(gone->value);
  EXPECT_EQ(outcome_of(*a), died);
}

TEST_F(pool_retire_test, its_place_is_for_the_next) {
  start(1);
  EXPECT_TRUE(retire(0)->value);
  auto a = submit("a");
  EXPECT_EQ(status().capacity, 0u);
  join(0);
  EXPECT_EQ(status().capacity, 1u);
  EXPECT_EQ(status().calls, 1u);
  finish(0);
  EXPECT_EQ(outcome_of(*a), ok);
}
