#include "troupe/http/limits/turn_queue.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace troupe {

namespace {

class turn_taker final : public turn_queue::member {
public:
  explicit turn_taker(std::function<void()> f) : f_(std::move(f)) {
    // nop
  }

  void take_turn() override {
    f_();
  }

private:
  std::function<void()> f_;
};

class turn_queue_test : public ::testing::Test {
public:
  bool add(std::function<void()> f) {
    return queue.add(std::make_shared<turn_taker>(std::move(f)));
  }

  turn_queue queue;
  std::string order;
};

TEST_F(turn_queue_test, gives_turns_in_the_order_of_waiting) {
  EXPECT_TRUE(add([this] { order += 'a'; })) << "somebody must call run_next";
  EXPECT_FALSE(add([this] { order += 'b'; }));
  EXPECT_FALSE(add([this] { order += 'c'; }));
  EXPECT_TRUE(queue.run_next());
  EXPECT_TRUE(queue.run_next());
  EXPECT_FALSE(queue.run_next());
  EXPECT_EQ(order, "abc");
  EXPECT_TRUE(add([] {})) << "again";
}

TEST_F(turn_queue_test, lets_one_wait_again_after_the_others) {
  auto again = std::make_shared<turn_taker>([this] { order += 'a'; });
  EXPECT_TRUE(add([this, again] {
    order += 'a';
    EXPECT_FALSE(queue.add(again));
  }));
  EXPECT_FALSE(add([this] { order += 'b'; }));
  while (queue.run_next()) {
  }
  EXPECT_EQ(order, "aba");
}

TEST_F(turn_queue_test, goes_on_after_a_turn_that_never_ended) {
  EXPECT_FALSE(queue.resume());
  EXPECT_TRUE(add([] {}));
  EXPECT_TRUE(queue.resume());
  EXPECT_FALSE(queue.run_next());
  EXPECT_TRUE(add([] {})) << "again";
}

TEST_F(turn_queue_test, gives_newcomers_little_while_others_wait) {
  EXPECT_EQ(queue.fresh_turn(), turn_queue::turn_size);
  EXPECT_TRUE(add([] {}));
  EXPECT_EQ(queue.fresh_turn(), 1);
  queue.run_next();
  EXPECT_EQ(queue.fresh_turn(), turn_queue::turn_size);
}

} // namespace

} // namespace troupe
