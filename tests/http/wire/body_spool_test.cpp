#include "troupe/http/wire/body_spool.hpp"
#include "troupe/tests/support/small_files.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

namespace troupe {

namespace {

std::string bytes_of(std::size_t n) {
  std::string result(n, '\0');
  for (std::size_t i = 0; i < n; ++i)
    result[i] = static_cast<char>(i * 31 % 251);
  return result;
}

} // namespace

TEST(body_spool, gives_back_what_it_was_given) {
  temp_dir dir;
  auto all = bytes_of(300'000);
  std::string_view rest{all};
  body_spool x{dir.path().string()};
  for (std::size_t n = 1; !rest.empty(); n = n * 3 + 1) {
    ASSERT_TRUE(x.append(rest.substr(0, n)));
    rest.remove_prefix(std::min(rest.size(), n));
  }
  auto got = x.finish();
  ASSERT_TRUE(got);
  EXPECT_TRUE(*got == all);
  EXPECT_EQ(x.error(), "");
}

TEST(body_spool, of_nothing_is_empty) {
  body_spool x{""};
  auto got = x.finish();
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->empty());
}

TEST(body_spool, leaves_no_name_in_its_directory) {
  temp_dir dir;
  std::optional<shared_bytes> got;
  {
    body_spool x{dir.path().string()};
    ASSERT_TRUE(x.append(bytes_of(200'000)));
    EXPECT_TRUE(dir.empty());
    got = x.finish();
  }
  EXPECT_TRUE(dir.empty());
  ASSERT_TRUE(got);
  // The bytes outlive the spool.
  EXPECT_TRUE(*got == bytes_of(200'000));
}

TEST(body_spool, takes_the_directory_of_the_system) {
  temp_dir dir;
  const auto* before = std::getenv("TMPDIR");
  std::string saved{before != nullptr ? before : ""};
  ::setenv("TMPDIR", (dir.path() / "none").c_str(), 1);
  {
    body_spool x{""};
    EXPECT_FALSE(x.append(bytes_of(100'000)));
    EXPECT_NE(x.error(), "");
  }
  ::setenv("TMPDIR", dir.path().c_str(), 1);
  {
    body_spool x{""};
    EXPECT_TRUE(x.append(bytes_of(100'000)));
  }
  if (before != nullptr)
    ::setenv("TMPDIR", saved.c_str(), 1);
  else
    ::unsetenv("TMPDIR");
}

TEST(body_spool, names_a_directory_that_does_not_work) {
  body_spool x{"/no/such/place"};
  ASSERT_TRUE(x.append("little is kept back"));
  EXPECT_FALSE(x.append(bytes_of(100'000)));
  EXPECT_EQ(x.error(), "cannot keep a large body on disk: no file in "
                       "/no/such/place: No such file or directory");
  EXPECT_FALSE(x.out_of_room());
  EXPECT_FALSE(x.append("more"));
  EXPECT_FALSE(x.finish());
}

TEST(body_spool, says_that_there_is_no_room) {
  temp_dir dir;
  small_files limit{100'000};
  body_spool x{dir.path().string()};
  EXPECT_TRUE(x.append(bytes_of(90'000)));
  EXPECT_FALSE(x.append(bytes_of(90'000)));
  EXPECT_TRUE(x.out_of_room());
  EXPECT_NE(x.error().find("no room in " + dir.path().string()),
            std::string::npos);
  EXPECT_FALSE(x.finish());
}

} // namespace troupe
