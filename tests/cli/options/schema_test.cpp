#include "troupe/cli/options/config_docs.hpp"
#include "troupe/cli/options/config_schema.hpp"
#include "troupe/cli/sections/option_table.hpp"
#include "troupe/tests/cli/config_fixture.hpp"

#include <cstdio>
#include <map>
#include <sstream>

namespace troupe {

namespace {

class schema : public config_fixture {};

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream result;
  result << std::ifstream{file, std::ios::binary}.rdbuf();
  return result.str();
}

/// Runs a command and returns what it printed; fails the test if it failed.
std::string output_of(const std::string& command) {
  auto* pipe = popen(command.c_str(), "r");
  if (!pipe)
    return {};
  std::string result;
  char buffer[4096];
  while (auto n = std::fread(buffer, 1, sizeof(buffer), pipe))
    result.append(buffer, n);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return result;
}

/// Parts of a server section, a model entry, and whole configs. Each is
/// right or wrong by itself; which, the parser says.
const std::vector<std::string> server_parts{
  R"()",
  R"("port": 0)",
  R"("port": 65535)",
  R"("port": 65536)",
  R"("port": -1)",
  R"("port": -0)",
  R"("port": 80.0)",
  R"("port": 80.5)",
  R"("port": 8e3)",
  R"("port": 1e300)",
  R"("port": 18446744073709551616)",
  R"("port": "80")",
  R"("port": null)",
  R"("port": true)",
  R"("host": "")",
  R"("host": "::")",
  R"("host": 1)",
  R"("prot": 1)",
  R"("PORT": 1)",
  R"("io_threads": 0)",
  R"("io_threads": 256)",
  R"("io_threads": 257)",
  R"("timeout_ms": 0)",
  R"("timeout_ms": 31536000000)",
  R"("timeout_ms": 31536000001)",
  R"("timeout_ms": false)",
  R"("timeout_ms": true)",
  R"("max_body_bytes": 1099511627776)",
  R"("max_body_bytes": 1099511627777)",
  R"("api_key_env": "")",
  R"("on_half_close": "answer")",
  R"("on_half_close": "Answer")",
  R"("on_half_close": 1)",
  R"("encoded_slash": "segment")",
  R"("encoded_slash": false)",
  R"("ignore_case": false)",
  R"("ignore_case": 0)",
  R"("ignore_case": "true")",
  R"("metadata": null)",
  R"("metadata": [1, {"a": "b"}])",
  R"("limits": {})",
  R"("limits": null)",
  R"("limits": {"max_header_count": 5, "idle_timeout_ms": 1})",
  R"("limits": {"max_header_count": 0})",
  R"("limits": {"timeout_ms": 1})",
  R"("builtins": {"root": false, "info": "/about"})",
  R"("builtins": {"root": true})",
  R"("builtins": {"root": null})",
  R"("builtins": {"root": 0})",
  R"("builtins": {"root": ""})",
  R"("builtins": {"root": "x"})",
  R"("builtins": {"metrics": "/m"})",
  R"("shutdown": {"grace_ms": 0, "finish_queued": false})",
  R"("shutdown": {"grace_ms": -1})",
  R"("shutdown": {"enabled": "no"})",
  R"("shutdown": {"enabled": false, "api_key_env": "X"})",
  R"("shutdown": [])",
};

const std::vector<std::string> model_parts{
  R"("path": "")",
  R"("path": 1)",
  R"("predict": false)",
  R"("predict": "/a/{b}")",
  R"("predict": "a")",
  R"("predict": ["/a"])",
  R"("workers": 1024)",
  R"("workers": 0)",
  R"("workers": {"min": 1, "max": 2})",
  R"("execution": "inline")",
  R"("execution": "inlined")",
  R"("timeout_ms": null)",
  R"("max_body_bytes": 0)",
  R"("access": "public")",
  R"("access": "open")",
  R"("on_conflict": "override")",
  R"("on_conflict": "")",
  R"("batch": {"max_size": 2, "max_delay_ms": 0.25})",
  R"("batch": {"max_delay_ms": -0.25})",
  R"("batch": {"max_delay_ms": 3600000.5})",
  R"("batch": {"max_delay_ms": "2"})",
  R"("batch": {"max_size": 1.5})",
  R"("batch": 16)",
  R"("queue": {"max_size": 1})",
  R"("queue": {"max_size": 0})",
  R"("restart": {"max_restarts": 0, "window_ms": 1})",
  R"("restart": {"window_ms": 0})",
  R"("restart": {"backoff_ms": 1})",
  R"("required": false)",
  R"("required": "false")",
  R"("idempotent": true)",
  R"("pure": true)",
  R"("device": "")",
  R"("device": "gpu")",
  R"("options": {"any": {"thing": []}})",
  R"("options": [])",
  R"("opts": {})",
  R"("ключ": 1)",
};

const std::vector<std::string> whole_configs{
  R"({})",
  R"([])",
  R"(null)",
  R"("x")",
  R"({"models": []})",
  R"({"models": {}})",
  R"({"models": [1]})",
  R"({"models": [{}]})",
  R"({"models": [{"name": "m"}]})",
  R"({"models": [{"type": "dummy"}]})",
  R"({"models": [{"name": "", "type": "dummy"}]})",
  R"({"models": [{"name": 1, "type": "dummy"}]})",
  R"({"models": [{"name": "m", "type": "dummy"}]})",
  R"({"models": [{"name": "m", "type": "dummy"}], "specs": []})",
  R"({"models": [], "specs": [{"type": "probe"}]})",
  R"({"specs": [{"type": "probe", "prefix": "", "options": {}}]})",
  R"({"specs": [{"type": "probe", "prefix": "/v1"}]})",
  R"({"specs": [{"type": "probe", "prefix": "v1"}]})",
  R"({"specs": [{"type": "probe", "model": ""}]})",
  R"({"specs": [{"type": "probe", "on_conflict": "keep-first"}]})",
  R"({"specs": [{"prefix": ""}]})",
  R"({"specs": [{"type": "probe"}], "routes": {"on_conflict": "keep-first"}})",
  R"({"specs": [{"type": "probe"}], "routes": {"on_conflict": "override"}})",
  R"({"specs": [{"type": "probe"}], "routes": null})",
  R"({"specs": [{"type": "probe"}], "caf": {"logger": {"verbosity": "error"}}})",
  R"({"specs": [{"type": "probe"}], "caf": []})",
  R"({"specs": [{"type": "probe"}], "$schema": "x"})",
  R"({"specs": [{"type": "probe"}], "$schema": 1})",
  R"({"specs": [{"type": "probe"}], "port": 1})",
  R"({"specs": [{"type": "probe"}], "": 1})",
};

} // namespace

TEST_F(schema, that_is_shipped_is_the_one_of_the_table) {
  EXPECT_EQ(text_of(source_root() / "docs" / "troupe.schema.json"),
            config_schema_text(option_table()))
    << "run: troupe schema > docs/troupe.schema.json";
}

TEST_F(schema, page_that_is_shipped_is_the_one_of_the_table) {
  EXPECT_EQ(text_of(source_root() / "docs" / "configuration.md"),
            config_markdown(option_table()))
    << "run: troupe schema --markdown > docs/configuration.md";
}

TEST(docs, list_every_built_in) {
  auto page = text_of(source_root() / "docs" / "endpoints.md");
  for (const auto& x : builtin_table) {
    auto row = "\n| `" + std::string{to_string(x.method)} + ' '
               + std::string{x.path} + "` | ";
    EXPECT_NE(page.find(row), std::string::npos) << row;
  }
}

TEST_F(schema, agrees_with_the_parser) {
  std::map<std::string, std::string> configs;
  auto add = [&](const std::string& text) {
    auto number = std::to_string(configs.size() + 1000);
    configs.emplace("config" + number, text);
  };
  const std::string model = R"({"name": "m", "type": "dummy")";
  for (const auto& x : server_parts)
    add(R"({"server": {)" + x + R"(}, "models": [)" + model + "}]}");
  for (const auto& x : model_parts)
    add(R"({"models": [)" + model + ", " + x + "}]}");
  for (const auto& x : whole_configs)
    add(x);
  std::filesystem::create_directory("configs");
  std::string want;
  std::size_t accepted = 0;
  for (const auto& [name, text] : configs) {
    auto fine = errors(text).empty();
    accepted += fine ? 1 : 0;
    write("configs/" + name + ".json", text);
    want += name + (fine ? " accept\n" : " reject\n");
  }
  EXPECT_GT(accepted, configs.size() / 4);
  EXPECT_LT(accepted, configs.size() * 3 / 4);
  write("schema.json", config_schema_text(option_table()));
  auto script = source_root() / "tests" / "cli" / "schema_agreement.py";
  auto got = output_of("/usr/bin/python3 '" + script.string()
                       + "' schema.json configs 2>&1");
  std::istringstream left{want};
  std::istringstream right{got};
  for (std::string x, y; std::getline(left, x);) {
    std::getline(right, y);
    EXPECT_EQ(x, y) << configs[x.substr(0, x.find(' '))];
  }
  EXPECT_EQ(want.size(), got.size()) << got.substr(0, 2000);
}

/// Walks through every default of the table: each must be a value that the
/// table itself takes.
TEST_F(schema, defaults_are_values_that_are_accepted) {
  auto walk = [](const option& section, auto& self) -> void {
    for (const auto& o : section.nested) {
      EXPECT_FALSE(o.doc.empty()) << o.key;
      EXPECT_EQ(o.doc.find('\n'), std::string::npos) << o.key;
      if (o.fallback) {
        EXPECT_TRUE(accepts(o, *o.fallback)) << o.key;
      }
      self(o, self);
    }
  };
  walk(option_table(), walk);
}

/// The table repeats bounds of `validate`, so that editors know them.
TEST_F(schema, bounds_are_those_of_the_options_themselves) {
  auto check = [&](const std::string& path, std::int64_t value) {
    // The two pauses are judged together.
    if (path.ends_with("_backoff_ms"))
      return;
    EXPECT_EQ(errors(R"({"cluster": {"listen": "127.0.0.1:7400"},
                         "server": {"cors": {"allow_origins": ["*"]},
                                    "rate_limit": {"per_second": 1}},
                         "models": [{"name": "m", "type": "dummy",
                                     "execution": "process",
                                     "queue": {"fair_by": "address"},
                                     "batch": {"max_size": 2}}]})",
                     {path + '=' + std::to_string(value)}),
              lines{});
  };
  auto walk = [&](const option& section, const std::string& path,
                  auto& self) -> void {
    for (const auto& o : section.nested) {
      auto here = path.empty() ? o.key : path + '.' + o.key;
      if (o.kind == option_kind::integer || o.kind == option_kind::number
          || o.kind == option_kind::time_or_false) {
        check(here, o.min);
        check(here, o.max);
      }
      if (o.key != "specs")
        self(o, o.kind == option_kind::entries ? here + ".0" : here, self);
    }
  };
  walk(option_table(), {}, walk);
}

} // namespace troupe
