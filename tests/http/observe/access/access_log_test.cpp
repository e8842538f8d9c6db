#include "troupe/http/observe/access/access_log.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

namespace troupe {

namespace {

using namespace std::chrono_literals;

std::string text_in(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream{file}.rdbuf();
  return out.str();
}

log_options to_file(const std::filesystem::path& file) {
  log_options result;
  result.access = {true, file.string()};
  return result;
}

TEST(access_log_test, what_was_put_is_written_at_the_end) {
  temp_dir dir;
  const auto file = dir.path() / "log";
  access_log log{to_file(file), 2, no_log()};
  access_record x;
  x.path = "/a";
  log.put(0, x);
  x.path = "/b";
  log.put(1, x);
  EXPECT_TRUE(log.end(10s));
  const auto text = text_in(file);
  EXPECT_NE(text.find("path=/a\n"), text.npos);
  EXPECT_NE(text.find("path=/b\n"), text.npos);
  EXPECT_EQ(log.dropped(), 0U);
}

TEST(access_log_test, a_file_that_was_renamed_is_opened_again) {
  temp_dir dir;
  const auto file = dir.path() / "log";
  access_log log{to_file(file), 1, no_log()};
  std::filesystem::rename(file, dir.path() / "old");
  EXPECT_TRUE(log.reopen());
  log.put(0, {});
  EXPECT_TRUE(log.end(10s));
  EXPECT_TRUE(std::filesystem::exists(file));
  log_options no_file;
  EXPECT_FALSE((access_log{no_file, 1, no_log()}.reopen()));
}

TEST(access_log_test, lines_that_cannot_be_written_are_counted) {
  access_log log{to_file("/dev/full"), 1, no_log()};
  log.put(0, {});
  log.put(0, {});
  EXPECT_TRUE(log.end(10s));
  EXPECT_EQ(log.dropped(), 2U);
}

TEST(access_log_test, a_file_that_cannot_be_opened_is_an_error) {
  EXPECT_THROW((access_log{to_file("/no/such/folder/x"), 1, no_log()}),
               std::runtime_error);
}

} // namespace

} // namespace troupe
