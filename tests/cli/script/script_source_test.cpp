#include "troupe/cli/script/script_source.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

namespace troupe {

namespace {

std::string why_not(const script& x) {
  std::ostringstream err;
  try {
    static_cast<void>(read_source(x, err));
  } catch (const script_error& e) {
    return e.what();
  }
  return "taken";
}

} // namespace

TEST(script_source, is_a_config_file_as_it_stands) {
  temp_dir dir;
  const auto file = dir.write("c.json", R"({"models": []})").string();
  std::ostringstream err;
  auto source = read_source({file}, err);
  EXPECT_EQ(source.file(), file);
  EXPECT_EQ(source.directory(), dir.path());
  EXPECT_EQ(why_not({file, "python3"}),
            "--python is for a Python file; a config names the interpreter of "
            "each model as \"python\"");
  EXPECT_EQ(why_not({file, "", {"--size"}}),
            "--size: a config takes no arguments, only a Python file does");
}

TEST(script_source, is_the_plan_of_a_script_in_its_folder) {
  temp_dir dir;
  const auto file = dir
                      .write("server.py", R"(import litserve as ls
class A(ls.LitAPI):
    def predict(self, x): return x
ls.LitServer(A()).run(pretty_logs=True)
)")
                      .string();
  std::ostringstream err;
  auto source = read_source({file, "/usr/bin/python3"}, err);
  EXPECT_EQ(source.file(), "plan of " + file);
  EXPECT_EQ(source.directory(), dir.path());
  EXPECT_EQ(*source.find("/models/0/path"), "server.py");
  EXPECT_EQ(err.str(), file
                         + ": run(pretty_logs=True) has no effect: the log is "
                           "plain lines\n");
}

TEST(script_source, knows_the_folder_for_caches) {
  ::setenv("XDG_CACHE_HOME", "/x", 1);
  EXPECT_EQ(cache_folder(), "/x/troupe");
  ::unsetenv("XDG_CACHE_HOME");
  const std::string home =
    std::getenv("HOME") != nullptr ? std::getenv("HOME") : "";
  ::setenv("HOME", "/h", 1);
  EXPECT_EQ(cache_folder(), "/h/.cache/troupe");
  ::unsetenv("HOME");
  EXPECT_THROW(cache_folder(), std::runtime_error);
  if (!home.empty())
    ::setenv("HOME", home.c_str(), 1);
}

} // namespace troupe
