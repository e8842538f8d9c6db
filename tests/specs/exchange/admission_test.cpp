#include "troupe/specs/exchange/admission.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

using namespace troupe;

TEST(admission, lets_in_as_many_as_its_limit) {
  admission gate{2};
  EXPECT_TRUE(gate.try_acquire());
  EXPECT_TRUE(gate.try_acquire());
  EXPECT_FALSE(gate.try_acquire());
  EXPECT_EQ(gate.taken(), 2u);
  gate.release();
  EXPECT_TRUE(gate.try_acquire());
}

TEST(admission, with_a_limit_of_zero_lets_nobody_in) {
  admission gate{0};
  EXPECT_FALSE(gate.try_acquire());
  EXPECT_EQ(gate.taken(), 0u);
}

TEST(admission, a_lower_limit_turns_nobody_out) {
  admission gate{2};
  EXPECT_TRUE(gate.try_acquire());
  EXPECT_TRUE(gate.try_acquire());
  gate.limit(1);
  EXPECT_EQ(gate.taken(), 2u);
  gate.release();
  EXPECT_FALSE(gate.try_acquire());
  gate.release();
  EXPECT_TRUE(gate.try_acquire());
  gate.limit(2);
  EXPECT_TRUE(gate.try_acquire());
}

TEST(admission, keeps_its_bound_under_contention) {
  constexpr std::size_t limit = 3;
  admission gate{limit};
  std::atomic<std::size_t> inside{0};
  std::atomic<std::size_t> most{0};
  std::atomic<std::size_t> admitted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 5000; ++n) {
        if (!gate.try_acquire())
          continue;
        auto now = ++inside;
        auto seen = most.load();
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
          // nop
        }
        ++admitted;
        --inside;
        gate.release();
      }
    });
  for (auto& t : threads)
    t.join();
  EXPECT_LE(most, limit);
  EXPECT_GT(admitted, 0u);
  EXPECT_EQ(gate.taken(), 0u);
}

TEST(admission_ticket, takes_a_place_for_its_life) {
  auto gate = std::make_shared<admission>(1);
  {
    admission_ticket ticket{gate};
    EXPECT_TRUE(ticket);
    EXPECT_EQ(gate->taken(), 1u);
  }
  EXPECT_EQ(gate->taken(), 0u);
}

TEST(admission_ticket, is_void_when_there_is_no_place) {
  auto gate = std::make_shared<admission>(1);
  admission_ticket first{gate};
  {
    admission_ticket second{gate};
    EXPECT_FALSE(second);
  }
  EXPECT_EQ(gate->taken(), 1u);
  EXPECT_FALSE(admission_ticket{});
  EXPECT_FALSE(admission_ticket{nullptr});
}

TEST(admission_ticket, gives_its_place_back_once) {
  auto gate = std::make_shared<admission>(2);
  admission_ticket other{gate};
  {
    admission_ticket ticket{gate};
    ticket.release();
    EXPECT_FALSE(ticket);
    EXPECT_EQ(gate->taken(), 1u);
    ticket.release();
  }
  EXPECT_EQ(gate->taken(), 1u);
}

TEST(admission_ticket, moves_with_its_place) {
  auto gate = std::make_shared<admission>(2);
  admission_ticket a{gate};
  admission_ticket b{std::move(a)};
  EXPECT_TRUE(b);
  EXPECT_EQ(gate->taken(), 1u);
  admission_ticket c{gate};
  EXPECT_EQ(gate->taken(), 2u);
  // The place that `c` had goes back.
  c = std::move(b);
  EXPECT_TRUE(c);
  EXPECT_EQ(gate->taken(), 1u);
  auto& self = c;
  c = std::move(self);
  EXPECT_TRUE(c);
  EXPECT_EQ(gate->taken(), 1u);
}

TEST(admission_ticket, keeps_its_admission_alive) {
  auto gate = std::make_shared<admission>(1);
  std::weak_ptr<admission> watch = gate;
  admission_ticket ticket{std::move(gate)};
  EXPECT_FALSE(watch.expired());
  ticket.release();
  EXPECT_TRUE(watch.expired());
}

TEST(admission, lets_some_in_above_its_bound_when_asked_to) {
  auto gate = std::make_shared<admission>(1);
  admission_ticket first{gate, 1};
  EXPECT_TRUE(first);
  EXPECT_FALSE(first.is_above());
  admission_ticket second{gate, 1};
  EXPECT_TRUE(second.is_above());
  EXPECT_FALSE(admission_ticket(gate, 1));
  EXPECT_FALSE(admission_ticket(gate));
  auto moved = std::move(second);
  EXPECT_TRUE(moved.is_above());
  first.release();
  EXPECT_FALSE(moved.is_above()) << "there is room again";
  EXPECT_FALSE(admission_ticket(gate));
}

TEST(admission, tells_what_the_queue_says_of_itself) {
  admission gate{1};
  EXPECT_EQ(gate.backlog(), std::chrono::milliseconds{0});
  gate.backlog(std::chrono::milliseconds{1500});
  EXPECT_EQ(gate.backlog(), std::chrono::milliseconds{1500});
}
