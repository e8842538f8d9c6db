// Who is served, and who is refused, when more waits than there are workers.
#include "troupe/tests/actors/pool/work_queue_fixture.hpp"

using namespace troupe;
using namespace std::chrono_literals;

namespace {

class work_queue_order_test : public work_queue_fixture {};

} // namespace

TEST_F(work_queue_order_test, takes_one_out_for_one_that_came_above_the_bound) {
  auto bound = std::make_shared<troupe::admission>(3);
  start({.admission = bound,
         .order = {.fair_by = fair_by::header, .fair_header = "X-Tenant"}});
  join(0);
  auto put_from = [&](const std::string& tenant, const std::string& id) {
    auto ex = ask("{}", id);
    ex->request.headers.add("X-Tenant", tenant);
    ex->ticket = admission_ticket{bound, 1};
    EXPECT_TRUE(ex->ticket);
    tested.put(ex);
    return ex;
  };
  put_from("noisy", "n0");
  put_from("noisy", "n1");
  auto last = put_from("noisy", "n2");
  auto quiet = put_from("quiet", "q0");
  ASSERT_TRUE(last->error) << "the newest of who has the most";
  EXPECT_EQ(last->error->effective_status(), 503);
  EXPECT_FALSE(quiet->error);
  EXPECT_EQ(bound->taken(), 3u);
  auto more = put_from("noisy", "n3");
  EXPECT_TRUE(more->error);
  tested.idle({0});
  tested.idle({0});
  EXPECT_EQ(sent, (strings{"n0", "q0", "n1"}));
}

TEST_F(work_queue_order_test, serves_the_urgent_first_when_told_to) {
  start({.order = {.priority = true}});
  join(0);
  auto put_with = [&](const std::string& priority) {
    auto ex = ask("{}", priority);
    ex->request.headers.add("Priority", priority);
    tested.put(ex);
  };
  for (const auto* x : {"u=3", "u=7", "u=1", "u=0"})
    put_with(x);
  for (int i = 0; i < 3; ++i)
    tested.idle({0});
  EXPECT_EQ(sent, (strings{"u=3", "u=0", "u=1", "u=7"}));
}

TEST_F(work_queue_order_test, refuses_at_once_what_cannot_be_in_time) {
  start();
  join(0);
  for (int i = 0; i < 10; ++i)
    put("a");
  for (int i = 0; i < 6; ++i) {
    time += 100ms;
    tested.idle({0});
  }
  // Three wait, 300 ms of work.
  auto put_with = [&](std::chrono::milliseconds timeout) {
    auto ex = ask("{}", "b");
    ex->time.begin(time, {.timeout = timeout});
    tested.put(ex);
    return ex;
  };
  auto late = put_with(350ms);
  ASSERT_TRUE(late->error);
  EXPECT_EQ(late->error->effective_status(), 503);
  EXPECT_FALSE(put_with(500ms)->error);
  tested.sweep();
  for (int i = 0; i < 5; ++i)
    tested.idle({0});
  EXPECT_FALSE(put_with(1ms)->error) << "a worker is free";
}

TEST_F(work_queue_order_test, measures_no_stream_by_its_end) {
  start();
  join(0);
  for (int i = 0; i < 10; ++i)
    put("a")->time.begin_stream();
  for (int i = 0; i < 6; ++i) {
    time += 100ms;
    tested.idle({0});
  }
  auto ex = ask("{}", "b");
  ex->time.begin(time, {.timeout = 350ms});
  tested.put(ex);
  EXPECT_FALSE(ex->error) << "it begins in 300 ms";
}
