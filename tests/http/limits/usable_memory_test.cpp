#include "troupe/http/limits/usable_memory.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

class usable_memory_test : public ::testing::Test {
public:
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((dir.path() / name).parent_path());
    dir.write(name, text);
  }

  temp_dir dir;
};

TEST_F(usable_memory_test, is_that_of_the_machine) {
  write("proc/meminfo", "MemTotal:  2048 kB\nMemFree: 5 kB\n");
  EXPECT_EQ(usable_memory(dir.path()), 2048U * 1024);
  EXPECT_EQ(default_memory_budget(dir.path()), 1024U * 1024);
}

TEST_F(usable_memory_test, is_the_least_limit_of_the_groups) {
  write("proc/meminfo", "MemTotal: 4096 kB\n");
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/memory.max", "max\n");
  EXPECT_EQ(usable_memory(dir.path()), 4096U * 1024);
  write("sys/fs/cgroup/a/memory.max", "100000\n");
  EXPECT_EQ(usable_memory(dir.path()), 100'000U);
  write("sys/fs/cgroup/memory.max", "90000\n");
  EXPECT_EQ(usable_memory(dir.path()), 90'000U) << "as a container sees it";
}

TEST_F(usable_memory_test, knows_the_older_groups) {
  write("proc/self/cgroup", "5:cpu:/x\n4:hugetlb,memory:/m\n");
  write("sys/fs/cgroup/memory/m/memory.limit_in_bytes", "70000\n");
  EXPECT_EQ(usable_memory(dir.path()), 70'000U);
}

TEST_F(usable_memory_test, may_be_unknown) {
  EXPECT_EQ(usable_memory(dir.path()), std::nullopt);
  EXPECT_EQ(default_memory_budget(dir.path()), 1024UL * 1024 * 1024);
}

TEST_F(usable_memory_test, is_known_here) {
  EXPECT_GT(usable_memory().value_or(0), 1024U * 1024);
}

} // namespace

} // namespace troupe
