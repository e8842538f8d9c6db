#include "troupe/cli/options/config_docs.hpp"
#include "troupe/cli/options/config_schema.hpp"
#include "troupe/cli/program.hpp"
#include "troupe/cli/sections/option_table.hpp"
#include "troupe/tests/cli/config_fixture.hpp"

#include <sstream>

namespace troupe {

namespace {

class troupe_program : public config_fixture {
public:
  int run(std::vector<const char*> args) {
    args.insert(args.begin(), "troupe");
    out.str({});
    err.str({});
    return run_program(static_cast<int>(args.size()), args.data(),
                       {models_, specs_}, out, err);
  }

  std::ostringstream out;
  std::ostringstream err;
};

constexpr auto good = R"({"models": [{"name": "m", "type": "dummy"}]})";

/// Every key of the table as help shows it.
void collect(const option& section, const std::string& path, lines& out) {
  for (const auto& o : section.nested) {
    auto here = path.empty() ? o.key : path + '.' + o.key;
    if (o.nested.empty())
      out.push_back("\n  " + here + ": ");
    else
      collect(o, o.kind == option_kind::entries ? here + ".N" : here, out);
  }
}

} // namespace

TEST_F(troupe_program, says_its_version) {
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_TRUE(out.str().starts_with("troupe ")) << out.str();
  EXPECT_EQ(err.str(), "");
}

TEST_F(troupe_program, prints_the_schema) {
  EXPECT_EQ(run({"schema"}), 0);
  EXPECT_EQ(out.str(), config_schema_text(option_table()));
  EXPECT_EQ(run({"schema", "--markdown"}), 0);
  EXPECT_EQ(out.str(), config_markdown(option_table()));
}

TEST_F(troupe_program, lists_every_config_key_in_its_help) {
  EXPECT_EQ(run({"serve", "--help"}), 0);
  lines keys;
  collect(option_table(), {}, keys);
  EXPECT_GT(keys.size(), 50U);
  for (const auto& key : keys)
    EXPECT_NE(out.str().find(key), std::string::npos) << key;
  EXPECT_NE(out.str().find("server.port: an integer from 0 to 65535, default "
                           "8000\n"),
            std::string::npos);
  EXPECT_NE(out.str().find("--set"), std::string::npos);
}

TEST_F(troupe_program, refuses_bad_usage_with_2) {
  for (std::vector<const char*> args : {std::vector<const char*>{},
                                        {"sing"},
                                        {"serve"},
                                        {"check"},
                                        {"check", "a", "b"},
                                        {"check", "a", "--nope"},
                                        {"check", "a", "--set"},
                                        {"serve", "a", "--port"},
                                        {"check", "a", "--port", "1"}}) {
    EXPECT_EQ(run(args), 2) << (args.empty() ? "" : args[0]);
    EXPECT_EQ(out.str(), "");
    EXPECT_NE(err.str(), "");
  }
}

TEST_F(troupe_program, names_what_is_no_command) {
  EXPECT_EQ(run({"sing"}), 2);
  EXPECT_TRUE(err.str().starts_with(
    "unknown command \"sing\"; known here: \"bench\", \"serve\", "))
    << err.str();
  EXPECT_EQ(run({"srve", "c.json"}), 2);
  EXPECT_TRUE(
    err.str().starts_with("unknown command \"srve\", did you mean \"serve\"?"))
    << err.str();
  // An option of no command is no command.
  EXPECT_EQ(run({"--sing"}), 2);
  EXPECT_NE(err.str().find("--sing"), std::string::npos) << err.str();
}

TEST_F(troupe_program, refuses_a_bad_config_with_2) {
  write("c.json",
        R"({"models": [{"name": "m", "type": "dummy", "wokers": 1}]})");
  for (auto command : {"serve", "check", "routes"}) {
    EXPECT_EQ(run({command, "c.json"}), 2);
    EXPECT_EQ(out.str(), "");
    EXPECT_EQ(err.str(), "c.json:1:44: error: models.0.wokers: unknown key "
                         "\"wokers\", did you mean \"workers\"?\n"
                         "c.json: 1 error\n");
  }
  EXPECT_EQ(run({"check", "absent.json"}), 2);
}

TEST_F(troupe_program, names_the_short_options_in_errors) {
  write("c.json", good);
  EXPECT_EQ(run({"serve", "c.json", "--port", "70000", "--host", "x"}), 2);
  EXPECT_EQ(err.str(), "--port 70000: error: server.port: expected an integer "
                       "from 0 to 65535, got 70000\nc.json: 1 error\n");
  EXPECT_EQ(run({"serve", "c.json", "--host", ""}), 2);
  EXPECT_TRUE(err.str().starts_with("--host : error: server.host: expected a "
                                    "string that is not empty"))
    << err.str();
  EXPECT_EQ(run({"serve", "c.json", "--port", "1", "--port", "2"}), 2);
}

TEST_F(troupe_program, checks_a_config) {
  write("c.json", good);
  EXPECT_EQ(run({"check", "c.json"}), 0) << err.str();
  auto text = out.str();
  EXPECT_TRUE(text.starts_with("c.json: ok: ")) << text;
  EXPECT_TRUE(text.ends_with(" endpoints, 1 models\n")) << text;
  EXPECT_EQ(text.find("ok: 0 "), std::string::npos) << text;
  EXPECT_EQ(err.str(), "");
}

TEST_F(troupe_program, takes_set_before_and_after_the_config) {
  write("c.json", good);
  EXPECT_EQ(run({"check", "--set", "server.port=1", "c.json", "--set",
                 "models.m.workers=2", "--set=server.host=x"}),
            0)
    << err.str();
  EXPECT_EQ(run({"check", "--set", "server.port=x", "c.json"}), 2);
}

TEST_F(troupe_program, prints_the_table) {
  write("c.json", good);
  EXPECT_EQ(run({"routes", "c.json"}), 0) << err.str();
  EXPECT_NE(out.str().find("/predict"), std::string::npos);
  EXPECT_NE(out.str().find("c.json:1:13"), std::string::npos);
}

TEST_F(troupe_program, takes_arguments_for_a_python_file_only) {
  write("c.json", good);
  EXPECT_EQ(run({"check", "c.json", "--", "--size"}), 2);
  EXPECT_EQ(err.str(),
            "--size: a config takes no arguments, only a Python file does\n");
  EXPECT_EQ(run({"check", "c.json", "--python", "python3"}), 2);
  EXPECT_TRUE(err.str().starts_with("--python is for a Python file"));
  EXPECT_EQ(run({"schema", "--", "x"}), 2);
  EXPECT_TRUE(err.str().starts_with("-- is for the arguments")) << err.str();
  EXPECT_EQ(run({"plan", "c.json"}), 2);
  EXPECT_TRUE(err.str().starts_with("c.json: expected a Python file"));
  EXPECT_EQ(run({"serve", "absent.py"}), 2);
  EXPECT_EQ(err.str(), "absent.py: there is no such file\n");
}

TEST_F(troupe_program, reports_clashes_with_2) {
  write("c.json", R"({"models": [{"name": "a", "type": "dummy"},
                                 {"name": "b", "type": "dummy"}]})");
  for (auto command : {"check", "routes"}) {
    EXPECT_EQ(run({command, "c.json"}), 2);
    EXPECT_EQ(out.str(), "");
    EXPECT_NE(err.str().find("/predict"), std::string::npos) << err.str();
  }
}

TEST_F(troupe_program, fails_when_its_result_cannot_be_written) {
  out.setstate(std::ios::badbit);
  EXPECT_EQ(run({"schema"}), 1);
}

} // namespace troupe
