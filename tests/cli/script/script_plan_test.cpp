#include "troupe/cli/script/script_plan.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace troupe {

namespace {

constexpr auto system_python = "/usr/bin/python3";

constexpr auto served_file = R"(import sys, os
import litserve as ls
class A(ls.LitAPI):
    def predict(self, x): return x
print("to the log", flush=True)
print("as this", file=sys.stderr)
os.environ["LIT_SERVER_API_KEY"] = "secret"
ls.LitServer(A(api_path=sys.argv[1]), fast_queue=True).run(port=7)
)";

class script_plans : public testing::Test {
protected:
  script_plan plan(std::string_view source,
                   std::vector<std::string> arguments = {}) {
    const auto file = dir_.write("server.py", source);
    return plan_of({file.string(), system_python, std::move(arguments)}, out_);
  }

  std::string refused(const script& x) {
    try {
      static_cast<void>(plan_of(x, out_));
    } catch (const script_error& e) {
      return e.what();
    }
    return "taken";
  }

  std::string refused(std::string_view source) {
    return refused({dir_.write("server.py", source).string(), system_python});
  }

  temp_dir dir_;
  std::ostringstream out_;
};

} // namespace

TEST_F(script_plans, are_configs_with_what_has_no_effect_and_keys) {
  auto found = plan(served_file, {"/here"});
  EXPECT_NE(found.config.find("\"predict\": \"/here\""), std::string::npos);
  EXPECT_NE(found.config.find("\"port\": 7"), std::string::npos);
  ASSERT_EQ(found.notices.size(), 1U);
  EXPECT_NE(found.notices[0].find("fast_queue"), std::string::npos);
  EXPECT_EQ(found.env.at("LIT_SERVER_API_KEY"), "secret");
  EXPECT_NE(out_.str().find("to the log\n"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("as this\n"), std::string::npos) << out_.str();
}

TEST_F(script_plans, say_why_there_is_none) {
  EXPECT_EQ(refused("1 / 0").substr(0, 43),
            "server.py failed before LitServer.run():\nTr");
  EXPECT_NE(refused("x = 1").find("without a call of LitServer.run()"),
            std::string::npos);
  EXPECT_NE(refused("import os; os._exit(3)").find("exit status 3"),
            std::string::npos);
  EXPECT_NE(refused("import os; os.kill(os.getpid(), 11)").find("SIGSEGV"),
            std::string::npos);
  EXPECT_EQ(refused(script{"absent.py", system_python}),
            "absent.py: there is no such file");
  dir_.write("server.py", "");
  EXPECT_EQ(refused(script{(dir_.path() / "server.py").string(), "/no/python"}),
            "there is no program /no/python; name the interpreter with "
            "--python");
}

TEST_F(script_plans, are_of_files_that_end_in_py) {
  EXPECT_TRUE(is_script("a/server.py"));
  EXPECT_FALSE(is_script("server.json"));
}

} // namespace troupe
