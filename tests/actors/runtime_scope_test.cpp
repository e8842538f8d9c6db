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
