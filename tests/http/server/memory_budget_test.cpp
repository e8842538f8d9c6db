#include "troupe/http/server/memory_budget.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

TEST(default_memory_budget, is_half_of_what_may_be_used) {
  temp_dir root;
  EXPECT_EQ(default_memory_budget(root.path()), 1024UL * 1024 * 1024)
    << "unknown";
  std::filesystem::create_directories(root.path() / "proc");
  root.write("proc/meminfo", "MemTotal:  2048 kB\n");
  EXPECT_EQ(default_memory_budget(root.path()), 1024U * 1024);
}

} // namespace

} // namespace troupe
