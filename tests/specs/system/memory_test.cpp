#include "troupe/specs/system/memory.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace troupe {

namespace {

/// A machine of files.
class memory_test : public testing::Test {
protected:
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((root_.path() / name).parent_path());
    root_.write(name, text);
  }

  [[nodiscard]] std::optional<std::uint64_t> usable() const {
    return usable_memory(root_.path());
  }

  [[nodiscard]] std::optional<std::uint64_t> left() const {
    return free_memory(root_.path());
  }

private:
  temp_dir root_;
};

constexpr auto meminfo = "MemTotal:  8000 kB\nMemFree: 100 kB\n"
                         "MemAvailable:  4000 kB\n";

TEST_F(memory_test, is_what_the_machine_says) {
  write("proc/meminfo", meminfo);
  EXPECT_EQ(usable(), 8000U * 1024);
  EXPECT_EQ(left(), 4000U * 1024);
}

TEST_F(memory_test, is_unknown_where_the_machine_does_not_say) {
  EXPECT_EQ(usable(), std::nullopt);
  EXPECT_EQ(left(), std::nullopt);
  write("proc/meminfo", "MemTotal: 1 kB\n");
  EXPECT_EQ(left(), std::nullopt);
}

TEST_F(memory_test, is_limited_by_the_groups_around) {
  write("proc/meminfo", meminfo);
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/memory.max", "max\n");
  EXPECT_EQ(usable(), 8000U * 1024);
  write("sys/fs/cgroup/a/memory.max", "100000\n");
  EXPECT_EQ(usable(), 100'000U);
  write("sys/fs/cgroup/memory.max", "90000\n");
  EXPECT_EQ(usable(), 90'000U) << "as a container sees it";
}

TEST_F(memory_test, is_what_the_limits_leave) {
  write("proc/meminfo", meminfo);
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/b/memory.max", "1000000\n");
  write("sys/fs/cgroup/a/b/memory.current", "700000\n");
  EXPECT_EQ(left(), 300'000U);
  // Files in memory are given up when it is needed.
  write("sys/fs/cgroup/a/b/memory.stat",
        "anon 5\nactive_file 100000\ninactive_file 50000\n");
  EXPECT_EQ(left(), 450'000U);
  // The group around it counts as well.
  write("sys/fs/cgroup/a/memory.max", "1000000\n");
  write("sys/fs/cgroup/a/memory.current", "999999\n");
  EXPECT_EQ(left(), 1U);
  write("sys/fs/cgroup/a/memory.current", "2000000\n");
  EXPECT_EQ(left(), 0U);
}

TEST_F(memory_test, is_not_less_in_a_group_without_a_limit) {
  write("proc/meminfo", meminfo);
  write("proc/self/cgroup", "0::/a\n");
  write("sys/fs/cgroup/a/memory.max", "max\n");
  write("sys/fs/cgroup/a/memory.current", "700000\n");
  EXPECT_EQ(left(), 4000U * 1024);
}

TEST_F(memory_test, knows_groups_of_version_1) {
  write("proc/meminfo", meminfo);
  write("proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/docker/1\n0::/");
  // A container sees its own group as the root.
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "500000\n");
  write("sys/fs/cgroup/memory/memory.usage_in_bytes", "100000\n");
  write("sys/fs/cgroup/memory/memory.stat", "total_inactive_file 1000\n");
  EXPECT_EQ(usable(), 500'000U);
  EXPECT_EQ(left(), 401'000U);
}

TEST(memory, of_this_machine_is_known) {
  EXPECT_GT(usable_memory().value_or(0), 1024U * 1024);
  EXPECT_GT(free_memory().value_or(0), 0U);
}

} // namespace

} // namespace troupe
