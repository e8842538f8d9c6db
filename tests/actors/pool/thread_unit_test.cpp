#include "troupe/actors/pool/thread_unit.hpp"
#include "troupe/actors/runtime/runtime.hpp"
#include "troupe/actors/runtime_scope.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <semaphore>
#include <set>
#include <thread>
#include <vector>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

/// Ends the actor that gets it.
constexpr std::uint32_t last_message = 9;

class runner final : public placed<caf::event_based_actor> {
public:
  using super = placed<caf::event_based_actor>;

  runner(caf::actor_config& cfg, std::shared_ptr<thread_unit> unit,
         std::function<void(std::uint32_t)> f)
    : super(cfg, placement{std::move(unit)}), f_(std::move(f)) {
    // nop
  }

  caf::behavior make_behavior() override {
    return {[this](std::uint32_t x) {
      f_(x);
      if (x == last_message)
        quit();
    }};
  }

private:
  std::function<void(std::uint32_t)> f_;
};

/// Runs where its sender runs, as POOL does.
caf::behavior guest(caf::event_based_actor*,
                    const std::function<void()>& on_message) {
  return {[on_message](std::uint32_t) { on_message(); }};
}

class thread_unit_test : public testing::Test {
protected:
  struct config : caf::actor_system_config {
    config() {
      prepare(*this);
    }
  };

  void TearDown() override {
    for (auto& x : actors_)
      caf::anon_send_exit(x, caf::exit_reason::kill);
  }

  caf::actor spawn(const std::shared_ptr<thread_unit>& unit,
                   std::function<void(std::uint32_t)> f) {
    actors_.push_back(sys_.spawn<runner>(unit, std::move(f)));
    return actors_.back();
  }

  caf::actor spawn_guest(const std::function<void()>& on_message) {
    actors_.push_back(sys_.spawn<caf::lazy_init>(guest, on_message));
    return actors_.back();
  }

  template <class T, class... Ts>
  caf::actor spawn_any(Ts&&... xs) {
    actors_.push_back(sys_.spawn<T>(std::forward<Ts>(xs)...));
    return actors_.back();
  }

  std::shared_ptr<thread_unit> make_unit() {
    return std::make_shared<thread_unit>(sys_);
  }

private:
  config config_;
  caf::actor_system sys_{config_};
  std::vector<caf::actor> actors_;
};

} // namespace

TEST_F(thread_unit_test, runs_an_actor_on_its_thread_whoever_sends) {
  constexpr int senders = 4;
  constexpr int messages = 100;
  auto unit = make_unit();
  std::set<std::thread::id> seen;
  std::latch all{senders * messages};
  auto actor = spawn(unit, [&](std::uint32_t) {
    seen.insert(std::this_thread::get_id());
    all.count_down();
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < senders; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < messages; ++n)
        caf::anon_send(actor, std::uint32_t{0});
    });
  std::vector<std::thread::id> strangers{std::this_thread::get_id()};
  for (auto& t : threads) {
    strangers.push_back(t.get_id());
    t.join();
  }
  all.wait();
  EXPECT_EQ(seen.size(), 1u);
  for (auto id : strangers)
    EXPECT_FALSE(seen.contains(id));
}

TEST_F(thread_unit_test, wakes_up_for_each_message_after_a_pause) {
  auto unit = make_unit();
  std::binary_semaphore done{0};
  auto actor = spawn(unit, [&](std::uint32_t) { done.release(); });
  for (int i = 0; i < 500; ++i) {
    caf::anon_send(actor, std::uint32_t{0});
    // Whether it sleeps already or not: the message must come through.
    ASSERT_TRUE(done.try_acquire_for(30s)) << i;
  }
}

TEST_F(thread_unit_test, two_actors_share_it_one_at_a_time) {
  auto unit = make_unit();
  std::latch both{2};
  std::vector<std::thread::id> ids;
  auto f = [&](std::uint32_t) {
    ids.push_back(std::this_thread::get_id());
    both.count_down();
  };
  auto a = spawn(unit, f);
  auto b = spawn(unit, f);
  caf::anon_send(a, std::uint32_t{0});
  caf::anon_send(b, std::uint32_t{0});
  both.wait();
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_EQ(ids[0], ids[1]);
}

TEST_F(thread_unit_test, lets_others_run_beside_one_that_always_goes_on) {
  auto unit = make_unit();
  std::binary_semaphore done{0};
  int turns = 0;
  auto other_ran = false;
  auto other = spawn(unit, [&](std::uint32_t) { other_ran = true; });
  caf::actor busy;
  busy = spawn(unit, [&](std::uint32_t) {
    if (++turns == 1)
      caf::anon_send(other, std::uint32_t{0});
    if (other_ran || turns == 1000)
      done.release();
    else
      caf::anon_send(busy, std::uint32_t{0});
  });
  caf::anon_send(busy, std::uint32_t{0});
  ASSERT_TRUE(done.try_acquire_for(30s));
  EXPECT_LE(turns, 4);
}

TEST_F(thread_unit_test,
       waits_with_its_own_actor_until_its_guests_have_finished) {
  auto unit = make_unit();
  std::binary_semaphore done{0};
  int seen = 0;
  auto other = spawn_guest([&] { ++seen; });
  int turns = 0;
  auto seen_by_second_turn = -1;
  caf::actor busy;
  busy = spawn(unit, [&](std::uint32_t) {
    if (++turns == 2) {
      seen_by_second_turn = seen;
      done.release();
      return;
    }
    // A `predict` that may take long is next.
    caf::anon_send(busy, std::uint32_t{0});
    auto* self = caf::actor_cast<caf::abstract_actor*>(busy);
    for (int i = 0; i < 100; ++i)
      tell_from(static_cast<runner*>(self), other, std::uint32_t{0});
  });
  caf::anon_send(busy, std::uint32_t{0});
  ASSERT_TRUE(done.try_acquire_for(30s));
  EXPECT_EQ(seen_by_second_turn, 100);
}

TEST_F(thread_unit_test, ends_after_the_work_that_it_has) {
  auto unit = make_unit();
  std::binary_semaphore entered{0};
  std::binary_semaphore leave{0};
  int handled = 0;
  auto actor = spawn(unit, [&](std::uint32_t) {
    if (handled++ > 0)
      return;
    entered.release();
    leave.acquire();
  });
  // More than one round of messages for the thread.
  for (std::uint32_t i = 0; i < 199; ++i)
    caf::anon_send(actor, std::uint32_t{0});
  caf::anon_send(actor, last_message);
  entered.acquire();
  std::thread stopper{[&] { EXPECT_TRUE(unit->stop(30s)); }};
  leave.release();
  stopper.join();
  EXPECT_EQ(handled, 200);
  // Once more does no harm.
  EXPECT_TRUE(unit->stop(0s));
}

TEST_F(thread_unit_test, a_thread_that_does_not_end_in_time_is_left_alone) {
  auto unit = make_unit();
  std::binary_semaphore entered{0};
  std::binary_semaphore leave{0};
  std::binary_semaphore left{0};
  auto actor = spawn(unit, [&](std::uint32_t) {
    entered.release();
    leave.acquire();
    left.release();
  });
  caf::anon_send(actor, std::uint32_t{0});
  entered.acquire();
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  EXPECT_FALSE(unit->stop(1ms));
  leave.release();
  EXPECT_TRUE(left.try_acquire_for(30s));
}

TEST_F(thread_unit_test, a_thread_inside_a_model_is_left_behind_for_good) {
  // Shared with a thread that never ends.
  struct shared {
    std::binary_semaphore entered{0};
    std::binary_semaphore leave{0};
    std::binary_semaphore others{0};
    std::atomic<bool> returns{false};
    std::atomic<bool> back{false};
  };
  auto x = std::make_shared<shared>();
  auto unit = make_unit();
  auto stuck = spawn(unit, [x](std::uint32_t) {
    auto keep = x;
    {
      runtime_scope model{nullptr};
      keep->entered.release();
      keep->leave.acquire();
      keep->returns = true;
    }
    keep->back = true;
  });
  auto other = spawn(unit, [x](std::uint32_t) { x->others.release(); });
  caf::anon_send(stuck, std::uint32_t{0});
  x->entered.acquire();
  caf::anon_send(other, std::uint32_t{0});
  EXPECT_FALSE(unit->stop(1ms));
  EXPECT_TRUE(x->others.try_acquire_for(30s)) << "on the scheduler";
  x->leave.release();
  while (!x->returns)
    std::this_thread::yield();
  for (int i = 0; i < 1'000; ++i)
    std::this_thread::yield();
  EXPECT_FALSE(x->back);
  // The system ends without the actor.
}

TEST_F(thread_unit_test, what_comes_after_its_end_runs_on_the_scheduler) {
  auto unit = make_unit();
  std::binary_semaphore done{0};
  auto actor = spawn(unit, [&](std::uint32_t) { done.release(); });
  caf::anon_send(actor, std::uint32_t{0});
  ASSERT_TRUE(done.try_acquire_for(30s));
  EXPECT_TRUE(unit->stop(30s));
  caf::anon_send(actor, std::uint32_t{0});
  EXPECT_TRUE(done.try_acquire_for(30s));
}

TEST_F(thread_unit_test, knows_its_thread) {
  auto unit = make_unit();
  std::binary_semaphore done{0};
  auto known = false;
  auto actor = spawn(unit, [&](std::uint32_t) {
    known = thread_unit::current() != nullptr;
    done.release();
  });
  caf::anon_send(actor, std::uint32_t{0});
  ASSERT_TRUE(done.try_acquire_for(30s));
  EXPECT_TRUE(known);
  EXPECT_EQ(thread_unit::current(), nullptr);
}

TEST_F(thread_unit_test, sets_an_actor_up_elsewhere) {
  auto home = make_unit();
  auto other = make_unit();
  std::thread::id set_up_on;
  std::thread::id runs_on;
  std::binary_semaphore done{0};
  auto behave = [&](caf::event_based_actor*) -> caf::behavior {
    set_up_on = std::this_thread::get_id();
    return {[&](std::uint32_t) {
      runs_on = std::this_thread::get_id();
      done.release();
    }};
  };
  struct no_state {};
  using type = placed_function<no_state, caf::event_based_actor>;
  auto actor = spawn_any<type>(placement{home, false, other}, behave);
  caf::anon_send(actor, std::uint32_t{0});
  ASSERT_TRUE(done.try_acquire_for(30s));
  EXPECT_NE(set_up_on, std::thread::id{});
  EXPECT_NE(set_up_on, runs_on);
}
