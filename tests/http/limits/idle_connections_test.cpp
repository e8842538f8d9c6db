#include "troupe/http/limits/idle_connections.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

using namespace std::chrono_literals;

class idle_member final : public idle_connections::member {
public:
  bool close_if_idle() override {
    ++asked;
    if (closes && list != nullptr)
      list->remove(*this);
    return closes;
  }

  idle_connections* list = nullptr;
  bool closes = true;
  int asked = 0;
};

class idle_connections_test : public ::testing::Test {
public:
  idle_connections_test() {
    a.list = b.list = &list;
  }

  idle_connections list;
  idle_member a;
  idle_member b;
  idle_connections::time_point now = timer_wheel::clock::now();
};

constexpr auto none = idle_connections::time_point::max();

TEST_F(idle_connections_test, tells_since_when_the_oldest_is_idle) {
  EXPECT_EQ(list.oldest(), none);
  list.add(a, now);
  list.add(b, now + 1s);
  EXPECT_EQ(list.oldest(), now);
  list.add(a, now + 2s);
  EXPECT_EQ(list.oldest(), now + 1s);
  list.remove(b);
  list.remove(b);
  EXPECT_EQ(list.oldest(), now + 2s);
  list.remove(a);
  EXPECT_EQ(list.oldest(), none);
}

TEST_F(idle_connections_test, closes_the_oldest) {
  EXPECT_FALSE(list.close_oldest());
  list.add(b, now);
  list.add(a, now + 1s);
  EXPECT_TRUE(list.close_oldest());
  EXPECT_EQ(b.asked, 1);
  EXPECT_EQ(a.asked, 0);
  EXPECT_EQ(list.oldest(), now + 1s);
}

TEST_F(idle_connections_test, passes_one_whose_request_is_on_its_way) {
  a.closes = false;
  list.add(a, now);
  list.add(b, now);
  EXPECT_TRUE(list.close_oldest());
  EXPECT_EQ(b.asked, 1);
  EXPECT_FALSE(list.close_oldest());
}

TEST_F(idle_connections_test, forgets_one_that_ends) {
  {
    idle_member c;
    list.add(c, now);
  }
  EXPECT_FALSE(list.close_oldest());
}

} // namespace

} // namespace troupe
