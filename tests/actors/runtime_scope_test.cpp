#include "troupe/actors/runtime_scope.hpp"

#include <gtest/gtest.h>

#include <thread>

using namespace troupe;

TEST(runtime_scope, knows_the_servers_that_the_thread_works_for) {
  const int a = 0;
  const int b = 0;
  EXPECT_FALSE(runtime_scope::inside(&a));
  {
    runtime_scope outer{&a};
    EXPECT_TRUE(runtime_scope::inside(&a));
    EXPECT_FALSE(runtime_scope::inside(&b));
    {
      runtime_scope inner{&b};
      EXPECT_TRUE(runtime_scope::inside(&a));
      EXPECT_TRUE(runtime_scope::inside(&b));
    }
    EXPECT_FALSE(runtime_scope::inside(&b));
    std::thread{[&] { EXPECT_FALSE(runtime_scope::inside(&a)); }}.join();
  }
  EXPECT_FALSE(runtime_scope::inside(&a));
}

TEST(runtime_scope, inside_another_is_a_visit_of_a_users_code) {
  return_gate gate;
  const int server = 0;
  EXPECT_EQ(runtime_scope::gate(), nullptr);
  runtime_scope thread{&server, gate};
  EXPECT_EQ(runtime_scope::gate(), &gate);
  EXPECT_EQ(gate.last_visit(), 0U);
  {
    runtime_scope hook{&server};
    EXPECT_EQ(gate.last_visit(), 1U);
    runtime_pause ours;
    EXPECT_FALSE(gate.close(1));
  }
}

TEST(runtime_scope, without_a_gate_pauses_nothing) {
  runtime_pause ours;
  EXPECT_EQ(runtime_scope::gate(), nullptr);
}
