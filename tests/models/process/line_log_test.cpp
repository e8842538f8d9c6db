#include "troupe/models/process/line_log.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <unistd.h>
#include <vector>

namespace troupe {

TEST(line_log, logs_whole_lines_with_their_prefix) {
  std::array<int, 2> fds{};
  ASSERT_EQ(::pipe(fds.data()), 0);
  std::vector<std::string> lines;
  line_log log{[&](log_level, std::string_view x) { lines.emplace_back(x); },
               log_level::info, "p: "};
  auto write = [&](std::string_view text) {
    ASSERT_EQ(::write(fds[1], text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
    EXPECT_TRUE(log.read(fds[0]));
  };
  write("one\ntw");
  EXPECT_EQ(lines, (std::vector<std::string>{"p: one"}));
  write("o\r\n\n\nthree");
  log.finish();
  EXPECT_EQ(lines, (std::vector<std::string>{"p: one", "p: two", "p: three"}));
  lines.clear();
  write(std::string(10'000, 'x'));
  ASSERT_EQ(lines.size(), 1U) << "a line without an end is cut";
  EXPECT_EQ(lines[0].size(), 8'192U + 3);
  ::close(fds[1]);
  EXPECT_FALSE(log.read(fds[0]));
  ::close(fds[0]);
}

} // namespace troupe
