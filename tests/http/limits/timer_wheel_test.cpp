#include "troupe/http/limits/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace troupe {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using time_point = timer_wheel::time_point;

const time_point start{std::chrono::hours{100}};

/// One turn of the wheel.
constexpr auto turn = 4096 * timer_wheel::granule;

struct probe final : timer_wheel::entry {
  void on_timer() override {
    ++fired;
    if (then)
      then();
  }

  int fired = 0;
  std::function<void()> then;
};

TEST(timer_wheel, has_nothing_to_do_when_it_is_empty) {
  timer_wheel wheel{start};
  EXPECT_EQ(wheel.next(), std::nullopt);
  EXPECT_EQ(wheel.size(), 0U);
  wheel.advance(start + turn);
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST(timer_wheel, never_fires_early_and_at_most_a_granule_late) {
  for (int us = 0; us < 30'000; us += 700) {
    timer_wheel wheel{start};
    probe p;
    auto due = start + microseconds{us};
    wheel.set(p, due);
    EXPECT_TRUE(p.armed());
    EXPECT_EQ(p.due(), due);
    time_point now = start;
    while (p.fired == 0 && now < start + milliseconds{100}) {
      now += microseconds{100};
      wheel.advance(now);
    }
    EXPECT_GE(now, due) << us;
    EXPECT_LE(now,
              std::max(due, start) + timer_wheel::granule + microseconds{100})
      << us;
    EXPECT_FALSE(p.armed());
    wheel.advance(start + turn);
    EXPECT_EQ(p.fired, 1);
  }
}

TEST(timer_wheel, moves_a_deadline_in_both_directions) {
  timer_wheel wheel{start};
  probe p;
  wheel.set(p, start + milliseconds{100});
  wheel.set(p, start + milliseconds{20});
  EXPECT_EQ(wheel.size(), 1U);
  wheel.set(p, start + milliseconds{200});
  wheel.advance(start + milliseconds{199});
  EXPECT_EQ(p.fired, 0);
  wheel.advance(start + milliseconds{200});
  EXPECT_EQ(p.fired, 1);
  EXPECT_EQ(wheel.size(), 0U);
}

TEST(timer_wheel, forgets_what_is_cleared) {
  timer_wheel wheel{start};
  probe p;
  wheel.clear(p);
  wheel.set(p, start + milliseconds{10});
  wheel.clear(p);
  wheel.clear(p);
  EXPECT_FALSE(p.armed());
  EXPECT_EQ(wheel.size(), 0U);
  wheel.advance(start + turn);
  EXPECT_EQ(p.fired, 0);
}

TEST(timer_wheel, fires_a_deadline_that_has_passed_at_the_next_advance) {
  timer_wheel wheel{start};
  wheel.advance(start + milliseconds{100});
  probe past;
  wheel.set(past, start);
  probe before;
  wheel.set(before, start - std::chrono::hours{1});
  wheel.advance(start + milliseconds{105});
  EXPECT_EQ(past.fired, 1);
  EXPECT_EQ(before.fired, 1);
}

TEST(timer_wheel, lets_an_entry_set_itself_again) {
  timer_wheel wheel{start};
  probe p;
  auto due = start;
  p.then = [&] { wheel.set(p, due += milliseconds{10}); };
  wheel.set(p, due += milliseconds{10});
  for (int i = 1; i <= 5; ++i) {
    wheel.advance(start + milliseconds{10 * i});
    EXPECT_EQ(p.fired, i);
  }
  EXPECT_EQ(wheel.size(), 1U);
  wheel.clear(p);
}

TEST(timer_wheel, fires_once_an_entry_that_is_due_again_at_once) {
  timer_wheel wheel{start};
  probe p;
  p.then = [&] { wheel.set(p, start); };
  wheel.set(p, start);
  wheel.advance(start + milliseconds{50});
  EXPECT_EQ(p.fired, 1);
  wheel.clear(p);
}

TEST(timer_wheel, keeps_entries_of_later_turns) {
  timer_wheel wheel{start};
  probe soon;
  probe later;
  probe last;
  wheel.set(soon, start + milliseconds{50});
  wheel.set(later, start + milliseconds{50} + turn);
  wheel.set(last, start + milliseconds{50} + 2 * turn);
  wheel.advance(start + milliseconds{60});
  EXPECT_EQ(soon.fired + later.fired + last.fired, 1);
  wheel.advance(start + turn);
  EXPECT_EQ(later.fired, 0);
  wheel.advance(start + milliseconds{50} + turn);
  EXPECT_EQ(later.fired, 1);
  EXPECT_EQ(last.fired, 0);
  wheel.advance(start + milliseconds{50} + 2 * turn);
  EXPECT_EQ(last.fired, 1);
}

TEST(timer_wheel, catches_up_after_a_long_pause) {
  timer_wheel wheel{start};
  std::vector<probe> probes(100);
  for (std::size_t i = 0; i < probes.size(); ++i)
    wheel.set(probes[i], start + i * turn / 10);
  wheel.advance(start + 5 * turn);
  for (std::size_t i = 0; i < probes.size(); ++i)
    EXPECT_EQ(probes[i].fired, i <= 50 ? 1 : 0) << i;
  wheel.advance(start + 100 * turn);
  for (const auto& p : probes)
    EXPECT_EQ(p.fired, 1);
}

TEST(timer_wheel, lets_a_timer_clear_or_move_another_that_is_due_too) {
  timer_wheel wheel{start};
  probe first;
  probe cleared;
  probe moved;
  first.then = [&] {
    wheel.clear(cleared);
    wheel.set(moved, start + milliseconds{500});
  };
  wheel.set(first, start + milliseconds{10});
  wheel.set(cleared, start + milliseconds{10});
  wheel.set(moved, start + milliseconds{15});
  wheel.advance(start + milliseconds{100});
  EXPECT_EQ(first.fired, 1);
  EXPECT_EQ(cleared.fired, 0);
  EXPECT_EQ(moved.fired, 0);
  EXPECT_EQ(wheel.size(), 1U);
  wheel.advance(start + milliseconds{500});
  EXPECT_EQ(moved.fired, 1);
}

TEST(timer_wheel, asks_to_be_called_no_later_than_the_first_deadline_wants) {
  timer_wheel wheel{start};
  probe near;
  probe far;
  wheel.set(far, start + 3 * turn);
  ASSERT_TRUE(wheel.next());
  EXPECT_LE(*wheel.next(), start + 3 * turn + timer_wheel::granule);
  wheel.set(near, start + milliseconds{12});
  EXPECT_GE(*wheel.next(), start + milliseconds{12});
  EXPECT_LE(*wheel.next(), start + milliseconds{12} + timer_wheel::granule);
  wheel.clear(near);
  wheel.clear(far);
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST(timer_wheel, agrees_with_a_sorted_map) {
  std::mt19937 random{42};
  timer_wheel wheel{start};
  std::vector<probe> probes(64);
  std::multimap<time_point, std::size_t> model;
  auto forget = [&](std::size_t i) {
    std::erase_if(model, [i](const auto& kvp) { return kvp.second == i; });
  };
  time_point now = start;
  for (int round = 0; round < 20'000; ++round) {
    auto i = random() % probes.size();
    switch (random() % 4) {
      case 0:
        forget(i);
        wheel.clear(probes[i]);
        break;
      case 1: {
        // Advance, at times by more than a turn.
        auto step = random() % 50 == 0 ? random() % 50'000 : random() % 40;
        now += milliseconds{step};
        for (auto& p : probes)
          p.fired = 0;
        wheel.advance(now);
        for (std::size_t k = 0; k < probes.size(); ++k) {
          if (probes[k].fired == 0)
            continue;
          ASSERT_LE(probes[k].due(), now);
          forget(k);
        }
        if (!model.empty()) {
          ASSERT_GT(model.begin()->first + timer_wheel::granule, now);
        }
        break;
      }
      default: {
        auto due = now + microseconds{random() % 60'000'000};
        forget(i);
        model.emplace(due, i);
        wheel.set(probes[i], due);
      }
    }
    ASSERT_EQ(wheel.size(), model.size());
    ASSERT_EQ(wheel.next().has_value(), !model.empty());
    if (!model.empty()) {
      ASSERT_LE(*wheel.next(),
                std::max(model.begin()->first, now) + timer_wheel::granule);
    }
  }
  for (auto& p : probes)
    wheel.clear(p);
}

} // namespace

} // namespace troupe
