#include "troupe/actors/pool/fair_queue.hpp"
#include "troupe/tests/support/recording_exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

constexpr deadline_clock::time_point begin_of_time{1h};

class fair_queue_test : public testing::Test {
protected:
  void put(std::string id, queue_position at = {}) {
    auto ex = make_sink<recording_exchange>();
    ex->request_id = std::move(id);
    queue.push({ex, time}, at);
    time += 1ms;
  }

  /// Several of one client: a1, a2, ...
  void put_many(const std::string& client, int n, double weight = 1,
                std::uint8_t urgency = 3) {
    for (int i = 1; i <= n; ++i)
      put(client + std::to_string(i), {urgency, client, weight});
  }

  /// Takes so many, and returns who they were.
  std::string take(std::size_t n) {
    std::string result;
    for (; n > 0 && !queue.empty(); --n) {
      EXPECT_EQ(queue.front().ex->request_id.empty(), false);
      auto next = queue.front().ex;
      auto taken = queue.pop().ex;
      EXPECT_EQ(next, taken) << "front is what pop takes";
      result += result.empty() ? "" : " ";
      result += taken->request_id;
    }
    return result;
  }

  std::string take_all() {
    return take(queue.size());
  }

  std::string evict(const queue_position& newcomer) {
    return queue.evict(newcomer).ex->request_id;
  }

  fair_queue queue;
  deadline_clock::time_point time = begin_of_time;
};

} // namespace

TEST_F(fair_queue_test, is_a_plain_queue_for_one_client) {
  for (const auto* x : {"a", "b", "c", "d"})
    put(x);
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_EQ(take_all(), "a b c d");
  EXPECT_TRUE(queue.empty());
}

TEST_F(fair_queue_test, takes_from_each_client_in_turn) {
  put_many("a", 4);
  put_many("b", 2);
  put_many("c", 1);
  EXPECT_EQ(take_all(), "a1 b1 c1 a2 b2 a3 a4");
}

TEST_F(fair_queue_test, gives_a_client_its_weight) {
  put_many("a", 8, 3);
  put_many("b", 8, 1);
  auto first = take(8);
  EXPECT_EQ(std::count(first.begin(), first.end(), 'a'), 6) << first;
}

TEST_F(fair_queue_test, owes_nothing_to_a_client_that_was_away) {
  put_many("a", 20);
  take(10);
  put_many("b", 10);
  auto next = take(6);
  EXPECT_EQ(std::count(next.begin(), next.end(), 'b'), 3) << next;
}

TEST_F(fair_queue_test, gives_no_second_turn_to_a_client_that_comes_back) {
  put_many("a", 3);
  put("b1", {3, "b"});
  EXPECT_EQ(take(2), "a1 b1");
  put("b2", {3, "b"});
  EXPECT_EQ(take(2), "a2 b2");
}

TEST_F(fair_queue_test, takes_the_urgent_first) {
  put("late", {7});
  put("normal");
  put("now", {0});
  EXPECT_EQ(take_all(), "now normal late");
}

TEST_F(fair_queue_test, takes_what_was_put_back_before_all_others) {
  put("urgent", {0});
  put("a");
  auto first = queue.pop();
  auto second = queue.pop();
  put("urgent2", {0});
  queue.push_front(second);
  queue.push_front(first);
  EXPECT_EQ(take_all(), "urgent a urgent2");
}

TEST_F(fair_queue_test, knows_who_has_waited_for_longest) {
  put("first", {7});
  put("second", {0});
  EXPECT_EQ(queue.oldest(), begin_of_time);
  EXPECT_EQ(take(1), "second");
  EXPECT_EQ(queue.oldest(), begin_of_time);
}

TEST_F(fair_queue_test, takes_the_newest_out_of_the_client_with_the_most) {
  put_many("a", 3);
  put_many("b", 1);
  EXPECT_EQ(evict({3, "b"}), "a3");
  EXPECT_EQ(take_all(), "a1 b1 a2");
}

TEST_F(fair_queue_test, takes_out_the_newcomer_when_it_has_the_most) {
  put_many("a", 1);
  put_many("b", 3);
  EXPECT_EQ(evict({3, "b"}), "b3");
}

TEST_F(fair_queue_test, measures_what_a_client_has_by_its_weight) {
  put_many("a", 4, 4);
  put_many("b", 2, 1);
  EXPECT_EQ(evict({3, "a", 4}), "b2");
}

TEST_F(fair_queue_test, takes_the_least_urgent_out) {
  put_many("a", 5, 1, 0);
  put_many("b", 1, 1, 6);
  EXPECT_EQ(evict({0, "a"}), "b1");
  EXPECT_EQ(evict({0, "a"}), "a5") << "no other is left";
}

TEST_F(fair_queue_test, never_takes_out_what_was_put_back) {
  put("a");
  queue.push_front(queue.pop());
  EXPECT_FALSE(queue.has_fresh());
  put("b");
  EXPECT_TRUE(queue.has_fresh());
  EXPECT_EQ(evict({}), "b");
}

TEST_F(fair_queue_test, erases_and_goes_on_in_order) {
  put_many("a", 3);
  put_many("b", 2);
  queue.erase_if([](const exchange& ex) {
    return ex.request_id == "a1" || ex.request_id == "b2";
  });
  EXPECT_EQ(queue.size(), 3u);
  auto rest = take_all();
  EXPECT_EQ(rest.find("a2") < rest.find("a3"), true) << rest;
  EXPECT_NE(rest.find("b1"), std::string::npos) << rest;
}

TEST_F(fair_queue_test, clears_each_of_them) {
  put_many("a", 3);
  put("urgent", {0});
  queue.push_front(queue.pop());
  std::size_t seen = 0;
  queue.clear([&](exchange&) { ++seen; });
  EXPECT_EQ(seen, 4u);
  EXPECT_TRUE(queue.empty());
  put("b");
  EXPECT_EQ(take_all(), "b");
}

TEST_F(fair_queue_test, tells_how_many_come_before_a_newcomer) {
  EXPECT_EQ(queue.ahead_of({}), 0u);
  put_many("a", 10);
  EXPECT_EQ(queue.ahead_of({3, "a"}), 10u);
  EXPECT_EQ(queue.ahead_of({3, "b"}), 1u) << "each in turn";
  EXPECT_EQ(queue.ahead_of({3, "b", 0.5}), 2u);
  EXPECT_EQ(queue.ahead_of({0, "b"}), 0u);
  EXPECT_EQ(queue.ahead_of({7, "b"}), 10u);
}

TEST_F(fair_queue_test, forgets_clients_that_do_not_come_back) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 3000; ++i)
      put("x", {3, std::to_string(round * 3000 + i)});
    EXPECT_EQ(queue.ahead_of({3, "new"}), 3000u);
    take_all();
  }
  EXPECT_EQ(queue.ahead_of({3, "new"}), 0u) << "nobody has a weight left over";
}
