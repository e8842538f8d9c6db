#include "troupe/specs/system/file_stamp.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace troupe {

namespace {

TEST(file_stamp, is_another_one_when_the_file_has_changed) {
  temp_dir dir;
  const auto file = std::filesystem::path{dir.path()} / "x";
  EXPECT_EQ(file_stamp(file), "");
  std::ofstream{file} << "a";
  const auto first = file_stamp(file);
  EXPECT_NE(first, "");
  EXPECT_EQ(file_stamp(file), first);
  std::ofstream{file} << "ab";
  const auto longer = file_stamp(file);
  EXPECT_NE(longer, first);
  std::filesystem::last_write_time(file, std::filesystem::last_write_time(file)
                                           + std::chrono::hours{1});
  EXPECT_NE(file_stamp(file), longer);
}

} // namespace

} // namespace troupe
