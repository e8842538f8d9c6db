#include "troupe/cli/bench/command.hpp"
#include "troupe/tests/cli/bench/scripted_server.hpp"
#include "troupe/tests/support/temp_dir.hpp"

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

using namespace troupe::load;
using json = nlohmann::ordered_json;

namespace {

using step = scripted_server::step;
using words = std::vector<std::string>;

struct outcome {
  int code = 0;
  std::string out = {};
  std::string err = {};
};

outcome bench(words args) {
  CLI::App app;
  bench_command command{app, "1.2"};
  args.insert(args.begin(), "bench");
  std::reverse(args.begin(), args.end());
  app.parse(std::move(args));
  EXPECT_TRUE(command.chosen());
  std::ostringstream out;
  std::ostringstream err;
  auto code = command.run(out, err);
  return {code, out.str(), err.str()};
}

/// What `bench` refuses, in its words.
std::string refusal(const words& args) {
  try {
    bench(args);
    return "";
  } catch (const CLI::ParseError& e) {
    return e.what();
  } catch (const std::invalid_argument& e) {
    return e.what();
  }
}

/// One window of 10 ms.
words quick(const scripted_server& server, const words& more) {
  words result{server.url(), "--warmup", "0",  "--window", "10ms",
               "--duration", "10ms",     "-c", "1"};
  if (std::find(more.begin(), more.end(), "--search") != more.end())
    result.resize(result.size() - 2);
  result.insert(result.end(), more.begin(), more.end());
  return result;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

step good(const std::string&) {
  return {{answer("1")}};
}

step bad(const std::string&) {
  return {{answer("no", 503)}};
}

/// A report of closed loops, as `--json` writes it.
json report(const std::vector<int>& connections, double rate = 100) {
  auto levels = json::array();
  for (auto x : connections)
    levels.push_back({{"connections", x},
                      {"planned_rate", nullptr},
                      {"stable", true},
                      {"rate", rate},
                      {"requests", 100},
                      {"errors", 0},
                      {"latency_ms", {{"p50", 1}, {"p99", 2}, {"p99.9", 3}}}});
  return {{"format", "troupe-bench/1"},
          {"loop", "closed"},
          {"levels", std::move(levels)}};
}

} // namespace

TEST(bench_command, ends_with_0_and_writes_what_it_measured) {
  scripted_server server{good};
  troupe::temp_dir dir;
  auto written = dir.path() / "x.json";
  auto rows = dir.path() / "x.csv";
  auto page = dir.path() / "x.html";
  auto x =
    bench(quick(server, {"--json", written, "--csv", rows, "--html", page}));
  EXPECT_EQ(x.code, 0);
  EXPECT_EQ(x.err, "");
  EXPECT_TRUE(has(x.out, "GET " + server.url() + ", closed loop")) << x.out;
  auto seen = json::parse(std::ifstream{written});
  EXPECT_EQ(seen["troupe"], "1.2");
  EXPECT_EQ(seen["levels"].size(), 1U);
  EXPECT_NE(std::ifstream{rows}.peek(), EOF);
  EXPECT_NE(std::ifstream{page}.peek(), EOF);
}

TEST(bench_command, ends_with_1_when_nothing_was_answered_well) {
  scripted_server server{bad};
  auto x = bench(quick(server, {}));
  EXPECT_EQ(x.code, 1);
  EXPECT_TRUE(has(x.err, "warning: the first answer was 503 no")) << x.err;
  // Nor when all it got was cut off.
  std::atomic<int> count = 0;
  scripted_server rude{[&](const auto&) {
    return ++count == 1 ? step{{answer("1")}} : step{{}, true};
  }};
  EXPECT_EQ(bench(quick(rude, {})).code, 1);
}

TEST(bench_command, ends_with_1_when_a_search_finds_no_rate) {
  scripted_server server{good};
  words range{"--rate", "100:200", "--search"};
  auto with = [&](const char* bound) {
    auto more = range;
    more.emplace_back(bound);
    return bench(quick(server, more)).code;
  };
  EXPECT_EQ(with("p50<0.001us"), 1);
  EXPECT_EQ(with("p50<1h"), 0);
}

TEST(bench_command, tells_that_there_is_no_server) {
  words args;
  {
    scripted_server gone{good};
    args = quick(gone, {});
  }
  EXPECT_THROW(bench(args), std::runtime_error);
}

TEST(bench_command, refuses_a_file_that_cannot_be_written_before_it_sends) {
  scripted_server server{good};
  EXPECT_TRUE(has(refusal(quick(server, {"--json", "/nowhere/x.json"})),
                  "/nowhere/x.json: cannot be written"));
  EXPECT_EQ(server.connections(), 0);
}

TEST(bench_command, compares_and_ends_with_1_beyond_the_loss_allowed) {
  troupe::temp_dir dir;
  auto before = dir.write("before.json", report({1, 8}).dump());
  auto slower = dir.write("slower.json", report({1, 8}, 70).dump());
  auto cut_off = dir.write("cut.json", report({1}).dump());
  auto other = dir.write("other.json", report({2}).dump());
  auto compare = [&](const std::string& after, const words& more) {
    words args{"--compare", before, after};
    args.insert(args.end(), more.begin(), more.end());
    return bench(args);
  };
  words gate{"--max-loss", "0.2"};
  EXPECT_EQ(compare(before, gate).code, 0);
  EXPECT_EQ(compare(slower, {}).code, 0);
  EXPECT_EQ(compare(slower, {"--max-loss", "0.4"}).code, 0);
  EXPECT_EQ(compare(slower, gate).code, 1);
  EXPECT_TRUE(has(compare(slower, gate).out, "worse by 30 %"));
  EXPECT_EQ(compare(cut_off, gate).code, 1);
  EXPECT_EQ(compare(other, {}).code, 1);
}

TEST(bench_command, refuses_to_compare_what_is_no_report) {
  troupe::temp_dir dir;
  auto whole = dir.write("whole.json", report({1}).dump());
  auto damaged = report({1});
  damaged["levels"][0].erase("rate");
  auto part = dir.write("part.json", damaged.dump());
  EXPECT_TRUE(has(refusal({"--compare", whole, "/nowhere"}), "/nowhere"));
  EXPECT_TRUE(has(refusal({"--compare", whole, part}), "missing"));
}

TEST(bench_command, refuses_what_a_comparison_would_ignore) {
  troupe::temp_dir dir;
  auto x = dir.write("x.json", report({1}).dump());
  words files{"--compare", x, x};
  auto with = [&](const words& more) {
    auto args = files;
    args.insert(args.end(), more.begin(), more.end());
    return refusal(args);
  };
  EXPECT_EQ(with({}), "");
  EXPECT_TRUE(has(with({"--json", "/tmp/y"}), "--json has no effect"));
  EXPECT_TRUE(has(with({"-k"}), "--insecure has no effect"));
  files.insert(files.begin(), "http://127.0.0.1:1/");
  EXPECT_TRUE(has(with({}), "URL has no effect")) << with({});
  EXPECT_TRUE(has(refusal({"http://127.0.0.1:1/", "--max-loss", "0.1"}),
                  "--max-loss needs --compare"));
}

TEST(bench_command, sends_the_number_0_once) {
  std::mutex mutex;
  std::vector<std::string> seen;
  scripted_server server{[&](const std::string& request) {
    std::unique_lock guard{mutex};
    seen.push_back(request.substr(0, request.find(" HTTP")));
    return step{{answer("1")}};
  }};
  auto args = quick(server, {"--template"});
  args.front() += "{{n}}";
  EXPECT_EQ(bench(args).code, 0);
  std::unique_lock guard{mutex};
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "GET /0"), 1);
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "GET /1"), 1);
}
