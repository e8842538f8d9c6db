#include "troupe/http/builtins/process_metrics.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace troupe {

namespace {

std::string text_of(const std::filesystem::path& proc) {
  metrics_writer out;
  add_process(out, proc);
  return std::move(out).take();
}

bool has(const std::string& text, const std::string& line) {
  return text.find('\n' + line) != std::string::npos;
}

TEST(process_metrics_test, are_those_of_the_system) {
  const auto folder =
    std::filesystem::path{::testing::TempDir()} / "process_metrics_test";
  std::filesystem::create_directories(folder / "self/fd");
  for (const auto* name : {"0", "1", "2", "3"})
    std::ofstream{folder / "self/fd" / name} << "x";
  std::ofstream{folder / "stat"} << "cpu 1 2 3\nbtime 1000\n";
  std::ofstream{folder / "self/stat"}
    << "7 (a b) c) S 4 5 6 7 8 9 10 11 12 13 200 100 16 17 18 19 9 21 300 "
       "4096 5 26 27\n";
  const auto text = text_of(folder);
  std::filesystem::remove_all(folder);
  // In a hundredth of a second each, and pages of 4096 bytes.
  EXPECT_TRUE(has(text, "process_cpu_seconds_total 3.0\n")) << text;
  EXPECT_TRUE(has(text, "process_resident_memory_bytes 20480\n")) << text;
  EXPECT_TRUE(has(text, "process_virtual_memory_bytes 4096\n")) << text;
  EXPECT_TRUE(has(text, "process_threads 9\n")) << text;
  EXPECT_TRUE(has(text, "process_start_time_seconds 1003.0\n")) << text;
  EXPECT_TRUE(has(text, "process_open_fds 3\n")) << text;
  EXPECT_TRUE(has(text, "process_max_fds ")) << text;
}

TEST(process_metrics_test, are_left_out_where_the_system_does_not_say) {
  const auto text = text_of("/nowhere");
  EXPECT_EQ(text.find("process_cpu"), std::string::npos);
  EXPECT_EQ(text.find("process_open"), std::string::npos);
}

} // namespace

} // namespace troupe
