#include "troupe/models/python/worker_archive.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

namespace troupe {

namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST(worker_archive, holds_the_worker_and_the_names_of_litserve) {
  EXPECT_NE(python_worker_archive().find("troupe_worker/main.py"),
            std::string_view::npos);
  EXPECT_NE(python_worker_archive().find("litserve/__init__.py"),
            std::string_view::npos);
}

TEST(worker_archive, is_unpacked_once_and_repaired_when_it_is_cut_off) {
  temp_dir dir;
  const auto folder = (dir.path() / "a" / "b").string();
  const auto file = unpack_python_worker(folder);
  EXPECT_TRUE(std::filesystem::path{file}.is_absolute());
  EXPECT_EQ(content_of(file), python_worker_archive());
  const auto written = std::filesystem::last_write_time(file);
  EXPECT_EQ(unpack_python_worker(folder), file);
  EXPECT_EQ(std::filesystem::last_write_time(file), written);
  std::filesystem::resize_file(file, 10);
  EXPECT_EQ(unpack_python_worker(folder), file);
  EXPECT_EQ(content_of(file), python_worker_archive());
  auto files = std::filesystem::directory_iterator{folder};
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(worker_archive, names_the_folder_that_cannot_be_made) {
  temp_dir dir;
  const auto file = dir.write("file", "");
  try {
    unpack_python_worker(file / "folder");
    FAIL();
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string{e.what()}.find(file.string() + "/folder"),
              std::string::npos)
      << e.what();
  }
}

} // namespace troupe
