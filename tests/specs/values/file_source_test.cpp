#include "troupe/specs/values/error.hpp"
#include "troupe/specs/values/file_source.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

using namespace troupe;

namespace {

/// What a request for that file would be answered, and what would be logged.
std::pair<int, std::string> refusal(const std::filesystem::path& path) {
  try {
    file_source x{path};
    return {200, ""};
  } catch (...) {
    std::string log_text;
    auto why = failure_from_current_exception(log_text);
    return {why.effective_status(), log_text};
  }
}

} // namespace

TEST(file_source, is_read_in_pieces_from_anywhere) {
  temp_dir dir;
  file_source x{dir.write("a", std::string_view{"01234\0\r\n89", 10})};
  EXPECT_EQ(x.size(), 10U);
  std::string piece;
  EXPECT_TRUE(x.read(0, 4, piece));
  EXPECT_EQ(piece, "0123");
  EXPECT_TRUE(x.read(4, 4, piece));
  EXPECT_EQ(piece, (std::string{"4\0\r\n", 4}));
  EXPECT_TRUE(x.read(8, 4, piece));
  EXPECT_EQ(piece, "89");
  EXPECT_TRUE(x.read(10, 4, piece));
  EXPECT_EQ(piece, "");
}

TEST(file_source, stays_what_it_was_when_the_name_goes) {
  temp_dir dir;
  auto path = dir.write("a", "hello");
  file_source x{path};
  std::filesystem::remove(path);
  std::string all;
  EXPECT_TRUE(x.read(0, 100, all));
  EXPECT_EQ(all, "hello");
}

TEST(file_source, says_when_the_file_became_shorter) {
  temp_dir dir;
  auto path = dir.write("a", "hello");
  file_source x{path};
  std::filesystem::resize_file(path, 3);
  std::string all;
  EXPECT_FALSE(x.read(0, 100, all));
  EXPECT_EQ(x.size(), 5U);
}

TEST(file_source, is_404_when_there_is_no_such_file) {
  temp_dir dir;
  dir.write("a", "");
  EXPECT_EQ(refusal(dir.path() / "b").first, 404);
  EXPECT_EQ(refusal(dir.path() / "a" / "b").first, 404);
  EXPECT_EQ(refusal(dir.path()).first, 404);
  EXPECT_EQ(refusal(dir.path() / "a").first, 200);
}

TEST(file_source, does_not_wait_for_the_writer_of_a_pipe) {
  temp_dir dir;
  auto path = dir.path() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(refusal(path).first, 404);
}

TEST(file_source, is_500_with_the_reason_in_the_log_when_it_cannot_be_opened) {
  temp_dir dir;
  // The way is too long for the system, whoever asks.
  auto [status, text] = refusal(dir.path() / std::string(5000, 'x'));
  EXPECT_EQ(status, 500);
  EXPECT_NE(text.find("cannot read the file"), std::string::npos);
  if (::geteuid() == 0)
    return;
  auto path = dir.write("secret", "x");
  std::filesystem::permissions(path, std::filesystem::perms::none);
  std::tie(status, text) = refusal(path);
  EXPECT_EQ(status, 500);
  EXPECT_NE(text.find("secret: Permission denied"), std::string::npos) << text;
}
