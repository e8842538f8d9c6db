#include "troupe/actors/caf_units.hpp"
#include "troupe/tests/actors/doubles.hpp"
#include "troupe/tests/support/deterministic_system.hpp"

namespace troupe {

namespace {

class caf_units_test : public deterministic_system {
protected:
  caf_units_test() : pool(own(sys.spawn(scripted_pool, told, nullptr))) {
    // nop
  }

  caf::scheduled_actor& actor() {
    return *static_cast<caf::scheduled_actor*>(
      caf::actor_cast<caf::abstract_actor*>(pool));
  }

  static caf::mailbox_element_ptr sweep() {
    return caf::make_mailbox_element(nullptr, caf::make_message_id(), {},
                                     atom::sweep_v);
  }

  std::shared_ptr<std::vector<std::string>> told = make_notes();
  pool_actor pool;
};

} // namespace

TEST_F(caf_units_test, an_actor_without_anything_to_do_is_claimed_once) {
  run();
  unit_job job;
  auto first = sweep();
  ASSERT_TRUE(claim_actor(job, actor(), first));
  EXPECT_EQ(first, nullptr);
  unit_job other;
  auto second = sweep();
  EXPECT_FALSE(claim_actor(other, actor(), second));
  EXPECT_NE(second, nullptr);
  caf::scoped_execution_unit unit{&sys};
  EXPECT_FALSE(run_job(unit, job, 1));
  EXPECT_EQ(*told, std::vector<std::string>{"sweep"});
  ASSERT_TRUE(claim_actor(other, actor(), second));
  EXPECT_FALSE(run_job(unit, other, 1));
}

TEST_F(caf_units_test, an_actor_with_something_to_do_is_not_claimed) {
  run();
  tell(pool, atom::sweep_v);
  unit_job job;
  auto message = sweep();
  EXPECT_FALSE(claim_actor(job, actor(), message));
  EXPECT_NE(message, nullptr);
}

TEST_F(caf_units_test, an_actor_that_got_more_meanwhile_has_more_to_do) {
  run();
  unit_job job;
  auto message = sweep();
  ASSERT_TRUE(claim_actor(job, actor(), message));
  tell(pool, atom::sweep_v);
  caf::scoped_execution_unit unit{&sys};
  EXPECT_TRUE(run_job(unit, job, 1));
  EXPECT_EQ(told->size(), 1U);
  EXPECT_FALSE(run_job(unit, job, 10));
  EXPECT_EQ(told->size(), 2U);
}

TEST_F(caf_units_test, an_actor_that_has_ended_is_not_claimed) {
  run();
  kill(pool);
  unit_job job;
  auto message = sweep();
  EXPECT_FALSE(claim_actor(job, actor(), message));
}

} // namespace troupe
