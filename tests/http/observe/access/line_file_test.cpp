#include "troupe/http/observe/access/line_file.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <array>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream{file}.rdbuf();
  return out.str();
}

TEST(line_file_test, lines_are_appended_to_what_is_there) {
  temp_dir dir;
  const auto file = dir.path() / "log";
  std::ofstream{file} << "before\n";
  line_file out{file.string()};
  EXPECT_EQ(out.write("a\nb\n"), 0U);
  EXPECT_EQ(content_of(file), "before\na\nb\n");
}

TEST(line_file_test, a_file_that_was_renamed_is_followed_by_a_new_one) {
  temp_dir dir;
  const auto file = dir.path() / "log";
  line_file out{file.string()};
  out.write("a\n");
  std::filesystem::rename(file, dir.path() / "old");
  out.write("b\n");
  EXPECT_EQ(out.reopen(), "");
  out.write("c\n");
  EXPECT_EQ(content_of(dir.path() / "old"), "a\nb\n");
  EXPECT_EQ(content_of(file), "c\n");
}

TEST(line_file_test, one_that_cannot_be_opened_again_goes_on) {
  temp_dir dir;
  const auto folder = dir.path() / "folder";
  std::filesystem::create_directory(folder);
  line_file out{(folder / "log").string()};
  std::filesystem::rename(folder, dir.path() / "other");
  EXPECT_NE(out.reopen(), "");
  EXPECT_EQ(out.write("a\n"), 0U);
  EXPECT_EQ(content_of(dir.path() / "other" / "log"), "a\n");
}

TEST(line_file_test, a_pipe_that_nobody_reads_is_refused_at_once) {
  temp_dir dir;
  const auto file = dir.path() / "pipe";
  ASSERT_EQ(::mkfifo(file.c_str(), S_IRUSR | S_IWUSR), 0);
  try {
    line_file out{file.string()};
    ADD_FAILURE() << "it was opened";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string{e.what()}.find("nobody reads this pipe"),
              std::string::npos);
  }
  const auto reader = ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  line_file out{file.string()};
  EXPECT_EQ(out.write("a\n"), 0U);
  std::array<char, 8> text{};
  EXPECT_EQ(::read(reader, text.data(), text.size()), 2);
  ::close(reader);
}

TEST(line_file_test, a_full_disk_says_how_many_lines_are_lost) {
  line_file out{"/dev/full"};
  EXPECT_EQ(out.write("a\nb\nc\n"), 3U);
  EXPECT_NE(out.error(), "");
}

TEST(line_file_test, a_folder_that_is_not_there_is_an_error) {
  EXPECT_THROW(line_file{"/no/such/folder/x"}, std::runtime_error);
}

} // namespace

} // namespace troupe
